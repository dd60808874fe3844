//! What stands between an author's code and the traits of the engine.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Type, spanned::Spanned};

use crate::{
    ast::Phase,
    valid::{Form, Handler, Shape, Target},
};

/// The impls that call a function: one for each event.
pub(super) fn of_function(phase: Phase, handler: &Handler<'_>) -> TokenStream {
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
    // Where several events take turns, complaints about the call are about one of them.
    let place = match (parameter, event) {
        (Some(_), Some(event)) => Span::mixed_site().located_at(event.span()),
        _ => Span::mixed_site(),
    };
    let mut callee = (*name).clone();
    callee.set_span(name.span().located_at(place));
    let call = match phase {
        Phase::Before | Phase::Answer | Phase::Timer => {
            quote_spanned!(place=> #callee(event, ctx).await)
        }
        Phase::After => quote_spanned!(place=> #callee(event, outcome, ctx).await),
        Phase::Observe => quote_spanned!(place=> #callee(seen, witness).await),
    };
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
                    let answer = #call;
                    #own::shape::before::<#event, #answer>()(answer)
                }
            }
        },
        Phase::Answer => quote_spanned! {Span::mixed_site()=>
            #[#own::async_trait]
            impl #own::Answers<#event> for #name {
                async fn answer(
                    &self,
                    event: #event,
                    ctx: &#own::Context,
                ) -> #own::Outcome<#event> {
                    let ctx = #own::shape::context::<#context>()(ctx);
                    let answer = #call;
                    #own::shape::answer::<#event, #answer>()(answer)
                }
            }
        },
        Phase::Timer => quote_spanned! {Span::mixed_site()=>
            #[#own::async_trait]
            impl #own::Answers<#own::RunTimer> for #name {
                async fn answer(
                    &self,
                    event: #own::RunTimer,
                    ctx: &#own::Context,
                ) -> #own::Result<()> {
                    let event = #own::shape::tick::<#event>()(event);
                    let ctx = #own::shape::context::<#context>()(ctx);
                    let answer = #call;
                    #own::shape::timer::<#answer>()(answer)
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
                    let answer = #call;
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
                        let answer = #call;
                        #own::shape::observer::<#answer>()(answer)
                    }
                }
            }
        }
    }
}

/// Has the compiler explain a wrong return type in an impl before it compares the impl with the
/// trait, where it talks about pinned boxes.
pub(super) fn check_of_impl(phase: Phase, target: &Target<'_>, shape: &Shape<'_>) -> TokenStream {
    let own = quote!(::vestibule::__private);
    let answer = shape.answer;
    let check = match (phase, target) {
        (Phase::Before, Target::One(event)) => quote!(#own::shape::before::<#event, #answer>),
        (Phase::Answer, Target::One(event)) => quote!(#own::shape::answer::<#event, #answer>),
        (Phase::After, Target::One(event)) => quote!(#own::shape::after::<#event, #answer>),
        _ => quote!(#own::shape::observer::<#answer>),
    };
    quote_spanned!(Span::mixed_site()=> const _: fn() = || { #check(); };)
}
