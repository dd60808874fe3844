//! `#[timer(..)]`: what makes a timer of a function.

mod cron;
mod options;
mod time;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Error;

pub(crate) use self::options::Options;
use self::options::Rule;
use crate::{
    ast::{Item, Phase},
    expand,
    expand::registration::duration,
    mistakes::Mistakes,
    valid::{self, Handler},
};

pub(crate) fn attribute(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let mut options = Options::parse(options, &mut mistakes);
    options.handler.schedule = schedule(&options);
    let parsed = Item::of(item);
    match judged(&options, &parsed, &mut mistakes) {
        Some(timer) => expand::handler(Phase::Timer, &options.handler, &timer, item),
        None => expand::fallback(Phase::Timer, &options.handler, &parsed, &mistakes, item),
    }
}

/// The timer, or none if there is any mistake.
pub(crate) fn judged<'a>(
    options: &'a Options,
    item: &'a Item,
    mistakes: &mut Mistakes,
) -> Option<Handler<'a>> {
    options.judge(mistakes);
    let timer = match item {
        Item::Function(item) => valid::function(Phase::Timer, &options.handler, item, mistakes),
        Item::Impl(item) => {
            mistakes.at(
                &item.self_ty,
                "`#[timer]` goes on an `async fn`; what outlives a run of it belongs into `ctx.state`",
            );
            None
        }
        // Nothing to point at but the attribute itself; the item may be large.
        Item::Other => {
            mistakes.add(Error::new(
                Span::call_site(),
                "`#[timer]` goes on an `async fn`",
            ));
            None
        }
    };
    timer.filter(|_| mistakes.is_empty())
}

/// When it runs, as an expression.
fn schedule(options: &Options) -> TokenStream {
    let own = quote!(::vestibule::__private);
    let rule = match &options.rule {
        Some(Rule::Every(time)) => {
            let time = duration(*time);
            quote!(Every(#time))
        }
        Some(Rule::Cron(line)) => {
            let text = line.text();
            quote!(Cron(#text))
        }
        Some(Rule::Once(moment)) => {
            let moment = timestamp(*moment);
            quote!(Once(#moment))
        }
        // That will be reported.
        None => TokenStream::new(),
    };
    let start = option(options.start.map(timestamp));
    let expiry = option(options.expiry.map(timestamp));
    let jitter = duration(options.jitter);
    let overlap = match options.overlap_waits {
        true => quote!(Wait),
        false => quote!(Skip),
    };
    let missed = match options.missed_are_skipped {
        true => quote!(Skip),
        false => quote!(Once),
    };
    quote_spanned! {Span::mixed_site()=>
        #own::Schedule {
            rule: #own::Rule::#rule,
            start: #start,
            expiry: #expiry,
            jitter: #jitter,
            overlap: #own::Overlap::#overlap,
            missed: #own::Missed::#missed,
        }
    }
}

fn timestamp(moment: jiff::Timestamp) -> TokenStream {
    let millis = moment.as_millisecond();
    quote!(::vestibule::__private::Timestamp::from_millis(#millis))
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
