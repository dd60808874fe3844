//! Collects what is wrong, so that an author hears of everything at once.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

/// Every mistake found so far, in the order in which it was found.
#[derive(Default)]
pub(crate) struct Mistakes {
    found: Vec<Error>,
}

impl Mistakes {
    /// Reports a mistake at these tokens, which the compiler underlines.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.add(Error::new_spanned(tokens, message));
    }

    /// Reports a mistake that has its place already.
    pub(crate) fn add(&mut self, mistake: Error) {
        self.found.push(mistake);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The text of every mistake.
    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.found.iter().map(Error::to_string).collect()
    }
}

impl ToTokens for Mistakes {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.found.iter().map(Error::to_compile_error));
    }
}
