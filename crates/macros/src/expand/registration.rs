//! What makes a handler known: to a registry, and to everybody in the program.

use std::time::Duration;

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
        Phase::Timer => {
            let schedule = &options.schedule;
            return quote_spanned! {Span::mixed_site()=>
                |registry, meta| { registry.timer(meta, #schedule, #make); }
            };
        }
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

/// What is known about a handler of this name before it runs.
pub(crate) fn meta(phase: Phase, options: &Options, name: &Ident) -> TokenStream {
    let (phase, timeout) = match phase {
        Phase::Before => (quote!(Before), quote!(DEFAULT_TIMEOUT)),
        Phase::Answer => (quote!(Answer), quote!(DEFAULT_TIMEOUT)),
        Phase::After => (quote!(After), quote!(DEFAULT_TIMEOUT)),
        Phase::Observe => (quote!(Observe), quote!(DEFAULT_TIMEOUT)),
        Phase::Timer => (quote!(Timer), quote!(DEFAULT_TIMER_TIMEOUT)),
    };
    meta_of(&phase, &timeout, &said(name), options, name)
}

/// The same of something that is called `path` in its module and stands at `name`.
pub(crate) fn meta_of(
    phase: &TokenStream,
    default_timeout: &TokenStream,
    path: &str,
    options: &Options,
    name: &Ident,
) -> TokenStream {
    let own = quote!(::vestibule::__private);
    let path = format!("::{path}");
    let table = match &options.table {
        None => quote!(::core::option::Option::None),
        Some(table) => quote!(::core::option::Option::Some(#table)),
    };
    let order = options.order;
    let (runs_before, runs_after) = (&options.runs_before, &options.runs_after);
    let timeout = options
        .timeout
        .map_or_else(|| quote!(#own::#default_timeout), duration);
    let on_failure = if options.open_on_failure {
        quote!(Open)
    } else {
        quote!(Closed)
    };
    let disable_after = match options.disable_after {
        None => quote!(::core::option::Option::None),
        Some(failures) => quote!(::core::option::Option::Some(#failures)),
    };
    // With the span of the name, these macros tell the place of the name.
    let place = quote_spanned!(name.span()=> file: ::core::file!(), line: ::core::line!(),);
    quote_spanned! {Span::mixed_site()=>
        #own::Meta {
            path: ::core::concat!(::core::module_path!(), #path),
            phase: #own::Phase::#phase,
            table: #table,
            order: #order,
            runs_before: &[#(#runs_before),*],
            runs_after: &[#(#runs_after),*],
            timeout: #timeout,
            on_failure: #own::OnFailure::#on_failure,
            disable_after: #disable_after,
            #place
        }
    }
}

pub(crate) fn duration(duration: Duration) -> TokenStream {
    let (seconds, nanoseconds) = (duration.as_secs(), duration.subsec_nanos());
    quote!(::core::time::Duration::new(#seconds, #nanoseconds))
}

/// What the engine needs in order to list and install the handler.
pub(crate) fn registration(
    ty: &TokenStream,
    meta: &TokenStream,
    install: &TokenStream,
) -> TokenStream {
    let own = quote!(::vestibule::__private);
    quote_spanned! {Span::mixed_site()=>
        impl #own::Handler for #ty {
            const REGISTRATION: #own::Registration = #own::Registration::new(#meta, #install,);
        }
    }
}

pub(crate) fn submit(ty: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        ::vestibule::__private::inventory::submit! {
            <#ty as ::vestibule::__private::Handler>::REGISTRATION
        }
    }
}
