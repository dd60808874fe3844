//! Writes what rustc gets: the user's own item, and what makes a handler of it.
//!
//! Whatever it writes itself has the span of the attribute, and its variables cannot meet the
//! user's. What it takes from the user keeps the user's span, so that the compiler's complaints
//! about a type point at the type.

mod adapters;
pub(crate) mod registration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, ItemImpl, Visibility, spanned::Spanned};

use crate::{
    ast::{Item, Phase},
    attr::Options,
    mistakes::Mistakes,
    valid::{Form, Handler, conditions},
};

/// A handler of which nothing is wrong.
pub(crate) fn handler(
    phase: Phase,
    options: &Options,
    handler: &Handler<'_>,
    item: &TokenStream,
) -> TokenStream {
    let conditions = &handler.conditions;
    let (item, ty, name, body) = match &handler.form {
        Form::Function {
            name, visibility, ..
        } => {
            let marker = marker(name, visibility, conditions);
            (
                function(item, &marker),
                quote!(#name),
                *name,
                adapters::of_function(phase, handler),
            )
        }
        Form::Impl { ty, name, shape } => {
            let check = adapters::check_of_impl(phase, &handler.target, shape);
            (
                implementation(item, shape.answer.span()),
                quote!(#ty),
                *name,
                check,
            )
        }
    };
    let install = registration::install(phase, options, handler);
    let meta = registration::meta(phase, options, name);
    let registration = registration::registration(&ty, &meta, &install);
    let submit = (!options.do_not_collect).then(|| registration::submit(&ty));
    quote_spanned! {Span::mixed_site()=>
        #item
        #(#conditions)*
        const _: () = {
            #body
            #registration
            #submit
        };
    }
}

/// What is left of a handler with mistakes: the user's item, so that editors still know it, and a
/// handler of its name that does nothing, so that nobody complains about the lack of it elsewhere.
pub(crate) fn fallback(
    phase: Phase,
    options: &Options,
    parsed: &Item,
    mistakes: &Mistakes,
    item: &TokenStream,
) -> TokenStream {
    let item = match parsed {
        Item::Function(parsed) => {
            let (name, conditions) = (&parsed.signature.ident, conditions(&parsed.attributes));
            let marker = marker(name, &parsed.visibility, &conditions);
            let item = function(item, &marker);
            let nothing = quote!(|_, _| {});
            let meta = registration::meta(phase, options, name);
            let registration = registration::registration(&quote!(#name), &meta, &nothing);
            quote!(#item #(#conditions)* const _: () = { #registration };)
        }
        // Without `async_trait` there would be complaints about futures and lifetimes as well.
        Item::Impl(parsed) if is_handler(parsed) => implementation(item, Span::mixed_site()),
        Item::Impl(_) | Item::Other => item.clone(),
    };
    quote!(#mistakes #item)
}

fn is_handler(item: &ItemImpl) -> bool {
    let path = item.trait_.as_ref().map(|(_, path, _)| path);
    path.and_then(|path| path.segments.last())
        .is_some_and(|last| Phase::of_trait(&last.ident).is_some())
}

fn function(item: &TokenStream, marker: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        #[allow(
            clippy::needless_pass_by_ref_mut,
            clippy::needless_pass_by_value,
            clippy::single_call_fn,
            clippy::trivially_copy_pass_by_ref,
            clippy::unnecessary_wraps,
            clippy::unused_async,
            reason = "the shape of a handler is not its author's choice"
        )]
        #item
        #marker
    }
}

/// `place` is where complaints about the return type belong.
fn implementation(item: &TokenStream, place: Span) -> TokenStream {
    quote_spanned! {Span::mixed_site().located_at(place)=>
        #[::vestibule::__private::async_trait]
        #item
    }
}

/// The type that stands for a function. It is braced, so that it has a name in the type namespace
/// only and the function keeps its own.
fn marker(name: &Ident, visibility: &Visibility, conditions: &[&Attribute]) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        #(#conditions)*
        #[doc(hidden)]
        #[allow(
            dead_code,
            missing_copy_implementations,
            missing_debug_implementations,
            non_camel_case_types,
            unreachable_pub,
            reason = "shares the function's name, in the type namespace"
        )]
        #visibility struct #name {}
    }
}
