//! What things of an app's own may be called, and what they are called if nobody says.

use proc_macro2::Ident;

use crate::valid::said;

/// What the name of an event or of a service is.
pub(crate) const FORM: &str =
    "a text of letters, digits, `_`, `-` and `.`, a letter first, 63 at most";

/// Longest name of an event or of a service.
const AT_MOST: usize = 63;

pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= AT_MOST
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

/// `SendWelcome` as the wire writes names: `sendWelcome`.
pub(crate) fn of_type(ident: &Ident) -> String {
    let name = said(ident);
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_ascii_lowercase().to_string() + chars.as_str(),
        None => name,
    }
}

/// `import_rows` as the wire writes names: `importRows`.
pub(crate) fn of_function(ident: &Ident) -> String {
    let name = said(ident);
    let mut words = name.split('_').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &capitalized(word))
}

/// `post` as a type is called: `Post`.
pub(crate) fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    String::from_iter(first) + chars.as_str()
}
