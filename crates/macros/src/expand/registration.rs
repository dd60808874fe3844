//! What makes a handler known: to a registry, and to everybody in the program.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::{
    ast::Phase,
    attr::Options,
    valid::{Form, Handler, Target, said},
};

/// The function that puts the handler into a registry.
pub(super) fn install(phase: Phase, options: &Options, handler: &Handler<'_>) -> TokenStream {
    let make = match &handler.form {
        Form::Function { name, .. } => quote!(#name {}),
        Form::Impl { ty, .. } => quote!(<#ty as ::core::default::Default>::default()),
    };
    let method = match phase {
        Phase::Before => quote!(before),
        Phase::Answer => quote!(answer),
        Phase::After => quote!(after),
        Phase::Observe => quote!(observer),
    };
    let own = quote!(::vestibule::__private);
    let events = match &handler.target {
        Target::One(event) => std::slice::from_ref(*event),
        Target::Several { events, .. } => events,
        Target::All => {
            return quote_spanned! {Span::mixed_site()=>
                |registry, meta| { registry.observer_of_all(meta, #make); }
            };
        }
    };
    // Complaints about an event that has no table belong to the event.
    let checks = options.table.as_ref().map(|_| {
        let checks = events
            .iter()
            .map(|event| quote_spanned!(event.span()=> #own::shape::about_a_table::<#event>();));
        quote!(#(#checks)*)
    });
    quote_spanned! {Span::mixed_site()=>
        |registry, meta| { #checks #(registry.#method::<#events>(meta, #make);)* }
    }
}

/// What the engine needs in order to list and install the handler.
pub(super) fn registration(
    phase: Phase,
    options: &Options,
    ty: &TokenStream,
    name: &Ident,
    install: &TokenStream,
) -> TokenStream {
    let own = quote!(::vestibule::__private);
    let path = format!("::{}", said(name));
    let phase = match phase {
        Phase::Before => quote!(Before),
        Phase::Answer => quote!(Answer),
        Phase::After => quote!(After),
        Phase::Observe => quote!(Observe),
    };
    let table = match &options.table {
        None => quote!(::core::option::Option::None),
        Some(table) => quote!(::core::option::Option::Some(#table)),
    };
    let order = options.order;
    let timeout = match options.timeout {
        None => quote!(#own::DEFAULT_TIMEOUT),
        Some(timeout) => {
            let (seconds, nanoseconds) = (timeout.as_secs(), timeout.subsec_nanos());
            quote!(::core::time::Duration::new(#seconds, #nanoseconds))
        }
    };
    let on_failure = if options.open_on_failure {
        quote!(Open)
    } else {
        quote!(Closed)
    };
    // With the span of the name, these macros tell the place of the name.
    let place = quote_spanned!(name.span()=> file: ::core::file!(), line: ::core::line!(),);
    quote_spanned! {Span::mixed_site()=>
        impl #own::Handler for #ty {
            const REGISTRATION: #own::Registration = #own::Registration::new(
                #own::Meta {
                    path: ::core::concat!(::core::module_path!(), #path),
                    phase: #own::Phase::#phase,
                    table: #table,
                    order: #order,
                    timeout: #timeout,
                    on_failure: #own::OnFailure::#on_failure,
                    #place
                },
                #install,
            );
        }
    }
}

pub(super) fn submit(ty: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        ::vestibule::__private::inventory::submit! {
            <#ty as ::vestibule::__private::Handler>::REGISTRATION
        }
    }
}
