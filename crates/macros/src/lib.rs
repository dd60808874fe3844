//! The attributes of Vestibule: `#[before]`, `#[answer]`, `#[after]`, `#[observe]`, `#[timer]` and
//! `#[service]`, and the derive `CustomEvent`.
//!
//! Do not depend on this crate: the crate `vestibule` re-exports the attributes and documents them,
//! where the examples can run.
//!
//! An attribute passes through four files in order: `attr` reads what stands in its parentheses,
//! `ast` what it stands on, `valid` judges both and reports every mistake at its own place, and
//! `expand` writes what rustc gets. The user's own item is part of it whatever happens. What comes
//! out is pinned by the files in `golden/`.

#![expect(
    missing_docs,
    reason = "the attributes are documented in the crate `vestibule`, and rustdoc would show both texts"
)]

mod access;
mod ast;
mod attr;
mod custom_event;
mod expand;
mod mistakes;
mod name;
mod service;
mod timer;
mod valid;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as TokenStream2;

use crate::{
    ast::{Item, Phase},
    attr::Options,
    mistakes::Mistakes,
};

#[proc_macro_attribute]
pub fn before(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Phase::Before, options.into(), item.into()).into()
}

#[proc_macro_attribute]
pub fn answer(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Phase::Answer, options.into(), item.into()).into()
}

#[proc_macro_attribute]
pub fn after(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Phase::After, options.into(), item.into()).into()
}

#[proc_macro_attribute]
pub fn observe(options: TokenStream, item: TokenStream) -> TokenStream {
    attribute(Phase::Observe, options.into(), item.into()).into()
}

#[proc_macro_attribute]
pub fn timer(options: TokenStream, item: TokenStream) -> TokenStream {
    timer::attribute(options.into(), &item.into()).into()
}

#[proc_macro_attribute]
pub fn service(options: TokenStream, item: TokenStream) -> TokenStream {
    service::attribute(options.into(), &item.into()).into()
}

#[proc_macro_derive(CustomEvent, attributes(event))]
pub fn custom_event(item: TokenStream) -> TokenStream {
    custom_event::derive(item.into()).into()
}

fn attribute(phase: Phase, options: TokenStream2, item: TokenStream2) -> TokenStream2 {
    let mut mistakes = Mistakes::default();
    let options = Options::parse(phase, options, &mut mistakes);
    let parsed = Item::of(&item);
    match valid::handler(phase, &options, &parsed, &mut mistakes) {
        Some(handler) => expand::handler(phase, &options, &handler, &item),
        None => expand::fallback(phase, &options, &parsed, &mistakes, &item),
    }
}
