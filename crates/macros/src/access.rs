//! Who may run something of the app's own from outside: the option `access`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{
    LitStr, Result,
    parse::{ParseStream, Parser},
};

/// What `access` is, of an event or of a method of a service.
pub(crate) fn form(of: &str) -> String {
    format!(
        "`access` says who may run {of} from outside: `anyone`, `user` (whoever has a session), \
         `role(\"..\")`, or `server` (nobody: server code alone)"
    )
}

/// The variant of `CallableBy`.
pub(crate) fn read(value: TokenStream) -> Result<TokenStream> {
    variant.parse2(value)
}

fn variant(input: ParseStream<'_>) -> Result<TokenStream> {
    let word: Ident = input.parse()?;
    match word.to_string().as_str() {
        "anyone" => Ok(quote!(Anyone)),
        "user" => Ok(quote!(User)),
        "server" => Ok(quote!(Server)),
        "role" => {
            let content;
            syn::parenthesized!(content in input);
            let role: LitStr = content.parse()?;
            match (role.value().trim(), content.is_empty()) {
                ("", _) | (_, false) => Err(content.error("no name of a role")),
                _ => Ok(quote!(Role(#role))),
            }
        }
        _ => Err(input.error("no access")),
    }
}
