//! Writes what rustc gets: the user's own item, and what makes a handler of it.
//!
//! Whatever it writes itself has the span of the attribute, and its variables cannot meet the
//! user's. What it takes from the user keeps the user's span, so that the compiler's complaints
//! about a type point at the type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, ItemImpl, Type, Visibility};

use crate::{
    ast::{Item, Phase},
    attr::Options,
    mistakes::Mistakes,
    valid::{Form, Handler, Target, conditions, said},
};

/// A handler of which nothing is wrong.
pub(crate) fn handler(
    phase: Phase,
    options: &Options,
    handler: &Handler<'_>,
    item: &TokenStream,
) -> TokenStream {
    let conditions = &handler.conditions;
    let (item, ty, name, adapters) = match &handler.form {
        Form::Function {
            name, visibility, ..
        } => {
            let marker = marker(name, visibility, conditions);
            (
                function(item, &marker),
                quote!(#name),
                *name,
                adapters(phase, handler),
            )
        }
        Form::Impl { ty, name, .. } => {
            (implementation(item), quote!(#ty), *name, TokenStream::new())
        }
    };
    let submit = (!options.do_not_collect).then(|| submit(&ty));
    let registration = registration(phase, options, handler, &ty, name);
    quote_spanned! {Span::mixed_site()=>
        #item
        #(#conditions)*
        const _: () = {
            #adapters
            #registration
            #submit
        };
    }
}

/// What is left of a handler with mistakes: the user's item, so that editors still know it, and
/// its name, so that nobody complains about the lack of it elsewhere.
pub(crate) fn fallback(parsed: &Item, mistakes: &Mistakes, item: &TokenStream) -> TokenStream {
    let item = match parsed {
        Item::Function(parsed) => {
            let conditions = conditions(&parsed.attributes);
            function(
                item,
                &marker(&parsed.signature.ident, &parsed.visibility, &conditions),
            )
        }
        // Without `async_trait` there would be complaints about futures and lifetimes as well.
        Item::Impl(parsed) if is_handler(parsed) => implementation(item),
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
            clippy::trivially_copy_pass_by_ref,
            clippy::unnecessary_wraps,
            clippy::unused_async,
            reason = "the signature of a handler is not its author's choice"
        )]
        #item
        #marker
    }
}

fn implementation(item: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
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

/// The impls that call a function: one for each event.
fn adapters(phase: Phase, handler: &Handler<'_>) -> TokenStream {
    match &handler.target {
        Target::One(event) => adapter(phase, handler, Some(event), None),
        Target::Several { parameter, events } => events
            .iter()
            .map(|event| adapter(phase, handler, Some(event), Some(parameter)))
            .collect(),
        Target::All => adapter(phase, handler, None, None),
    }
}

/// One impl that calls a function.
///
/// Each argument and the answer pass through a check that is told the author's own type. If it is
/// the wrong one, the compiler underlines it and prints our explanation.
fn adapter(
    phase: Phase,
    handler: &Handler<'_>,
    event: Option<&Type>,
    parameter: Option<&Ident>,
) -> TokenStream {
    let Form::Function { name, shape, .. } = &handler.form else {
        return TokenStream::new();
    };
    let (context, outcome, answer) = (shape.context, shape.outcome, shape.answer);
    // The author's types may mention the type parameter.
    let alias = parameter.map(|parameter| quote!(type #parameter = #event;));
    let own = quote!(::vestibule::__private);
    match phase {
        Phase::Before => quote_spanned! {Span::mixed_site()=>
            #[#own::async_trait]
            impl #own::Before<#event> for #name {
                async fn before(
                    &self,
                    event: &mut #event,
                    ctx: &#own::Context,
                ) -> #own::Result<#own::Flow<#event>> {
                    #alias
                    let ctx = #own::shape::context::<#context>()(ctx);
                    let answer = #name(event, ctx).await;
                    #own::shape::before::<#event, #answer>()(answer)
                }
            }
        },
        Phase::After => quote_spanned! {Span::mixed_site()=>
            #[#own::async_trait]
            impl #own::After<#event> for #name {
                async fn after(
                    &self,
                    event: &#event,
                    outcome: #own::Outcome<#event>,
                    ctx: &#own::Context,
                ) -> #own::Outcome<#event> {
                    #alias
                    let outcome = #own::shape::outcome::<#event, #outcome>()(outcome);
                    let ctx = #own::shape::context::<#context>()(ctx);
                    let answer = #name(event, outcome, ctx).await;
                    #own::shape::after::<#event, #answer>()(answer)
                }
            }
        },
        Phase::Observe => {
            let (owner, seen) = match event {
                Some(event) => (quote!(Observer<#event>), quote!(Seen<#event>)),
                None => (quote!(ObserverOfAll), quote!(SeenAny)),
            };
            quote_spanned! {Span::mixed_site()=>
                #[#own::async_trait]
                impl #own::#owner for #name {
                    async fn observe(
                        &self,
                        seen: &#own::#seen,
                        witness: &#own::Witness,
                    ) -> #own::Result<()> {
                        #alias
                        let witness = #own::shape::witness::<#context>()(witness);
                        let answer = #name(seen, witness).await;
                        #own::shape::observer::<#answer>()(answer)
                    }
                }
            }
        }
    }
}

/// What the engine needs in order to list and install the handler.
fn registration(
    phase: Phase,
    options: &Options,
    handler: &Handler<'_>,
    ty: &TokenStream,
    name: &Ident,
) -> TokenStream {
    let own = quote!(::vestibule::__private);
    let make = match &handler.form {
        Form::Function { name, .. } => quote!(#name {}),
        Form::Impl { ty, .. } => quote!(<#ty as ::core::default::Default>::default()),
    };
    let (variant, install) = match phase {
        Phase::Before => (quote!(Before), quote!(before)),
        Phase::After => (quote!(After), quote!(after)),
        Phase::Observe => (quote!(Observe), quote!(observer)),
    };
    let events = match &handler.target {
        Target::One(event) => std::slice::from_ref(*event),
        Target::Several { events, .. } => events,
        Target::All => &[],
    };
    let install_all = events
        .is_empty()
        .then(|| quote!(registry.observer_of_all(meta, #make);));
    let path = format!("::{}", said(name));
    let order = options.order;
    let timeout = match options.timeout.map(|timeout| timeout.as_millis() as u64) {
        Some(millis) => quote!(::core::time::Duration::from_millis(#millis)),
        None => quote!(#own::DEFAULT_TIMEOUT),
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
                    phase: #own::Phase::#variant,
                    order: #order,
                    timeout: #timeout,
                    on_failure: #own::OnFailure::#on_failure,
                    #place
                },
                |registry, meta| {
                    #(registry.#install::<#events>(meta, #make);)*
                    #install_all
                },
            );
        }
    }
}

fn submit(ty: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        ::vestibule::__private::inventory::submit! {
            <#ty as ::vestibule::__private::Handler>::REGISTRATION
        }
    }
}
