//! `#[service(..)]`: what makes an API service of an impl, and methods of its functions.

mod ast;
mod expand;
mod kind;
mod options;
mod parameters;
mod path;
mod valid;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Error;

use crate::mistakes::Mistakes;

pub(crate) use self::{ast::Block, options::ServiceOptions, valid::service as judged};

pub(crate) fn attribute(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let options = ServiceOptions::parse(options, &mut mistakes);
    let Some(block) = parsed(item, &mut mistakes) else {
        return quote!(#mistakes #item);
    };
    match judged(&options, &block, &mut mistakes) {
        Some(service) => expand::service(&service, &block),
        None => expand::fallback(&block, &mistakes),
    }
}

/// The impl that the attribute stands on, if it is one.
pub(crate) fn parsed(item: &TokenStream, mistakes: &mut Mistakes) -> Option<Block> {
    let block = syn::parse2(item.clone()).ok();
    if block.is_none() {
        // Nothing to point at but the attribute itself; the item may be large.
        mistakes.add(Error::new(
            Span::call_site(),
            "`#[service]` goes on the impl of a type of your own: `impl MagicLink { .. }`",
        ));
    }
    block
}
