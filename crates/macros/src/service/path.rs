//! The path of a method below its service: fixed parts and parameters, each a whole segment.

use proc_macro2::Ident;

use crate::name;

/// What the path of a method looks like.
const FORM: &str = "a path is like `/links/{id}`: segments of letters, digits, `-`, `_`, `.` and `~`, and \
                    parameters of the function in braces";

/// The path of a method.
pub(super) struct Path {
    pub(super) text: String,
    /// The parameters in it.
    pub(super) parameters: Vec<String>,
}

impl Path {
    /// The path as it was written, or what is wrong with it.
    pub(super) fn of(text: String) -> Result<Self, String> {
        let Some(below) = text.strip_prefix('/') else {
            return Err(format!("a path begins with `/`: write `/{text}`"));
        };
        let mut parameters = Vec::new();
        for segment in below.split('/') {
            let name = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
            match name {
                Some(name) if parameters.iter().any(|other| other == name) => {
                    return Err(format!("`{{{name}}}` stands twice in the path"));
                }
                Some(name) if syn::parse_str::<Ident>(name).is_ok() || is_raw(name) => {
                    parameters.push(name.to_owned());
                }
                Some(_) => return Err(format!("`{segment}` is no name of a parameter; {FORM}")),
                None => check_fixed(segment)?,
            }
        }
        Ok(Self { text, parameters })
    }

    /// The path of a function whose attribute has none.
    pub(super) fn of_function(name: &Ident) -> Result<Self, String> {
        let text = format!("/{}", name::of_function(name));
        Self::of(text).map_err(|_| "no path can be made of this name; write one".to_owned())
    }

    /// What two paths have in common that nobody could tell apart.
    pub(super) fn shape(&self) -> String {
        let segments = self.text.split('/').map(|segment| match segment {
            parameter if parameter.starts_with('{') => "{}",
            fixed => fixed,
        });
        segments.collect::<Vec<_>>().join("/")
    }
}

fn check_fixed(segment: &str) -> Result<(), String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    match segment {
        "" => Err(format!("a segment of this path is empty; {FORM}")),
        "." | ".." => Err(format!("`{segment}` means another path to clients; {FORM}")),
        _ if segment.contains(['{', '}']) => Err(format!(
            "a parameter is a whole segment, which `{segment}` is not; {FORM}"
        )),
        _ if segment.contains(['?', '#']) => Err(format!(
            "keys of the query are parameters of the function, and not part of the path; {FORM}"
        )),
        _ if !segment.chars().all(is_plain) => {
            Err(format!("`{segment}` cannot be part of a path; {FORM}"))
        }
        _ => Ok(()),
    }
}

/// Whether a function may call a parameter so with `r#` before it.
fn is_raw(name: &str) -> bool {
    syn::parse_str::<Ident>(&format!("r#{name}")).is_ok()
}
