use proc_macro2::{Ident, TokenStream};
use syn::{
    LitStr, Result, Token,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
};

use super::wrong;

/// The options `before` and `after`: the paths of handlers, one as a text or some as a list of texts.
pub(super) fn neighbours(value: TokenStream, name: &Ident) -> Result<Vec<String>> {
    let list = |input: ParseStream<'_>| {
        let content;
        syn::bracketed!(content in input);
        Punctuated::<LitStr, Token![,]>::parse_terminated(&content)
    };
    let texts = match syn::parse2::<LitStr>(value.clone()) {
        Ok(text) => Some(vec![text]),
        Err(_) => list
            .parse2(value.clone())
            .ok()
            .map(|texts| texts.into_iter().collect()),
    };
    let paths = texts.map(|texts| texts.iter().map(LitStr::value).collect::<Vec<_>>());
    match paths {
        Some(paths) if !paths.is_empty() && paths.iter().all(|path| is_path(path)) => Ok(paths),
        _ => {
            let text = format!(
                "`{name}` is the whole path of a handler in quotes, or a list of them, like \
                 `{name} = \"guest_limits::limit_guests\"`"
            );
            Err(wrong(value, name, &text))
        }
    }
}

/// Whether handlers have names like this: `crate::module::function`.
fn is_path(text: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    text.contains("::") && text.split("::").all(is_name)
}
