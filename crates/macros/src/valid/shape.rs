//! Judges the signature of a function or a method.

use syn::{FnArg, PatType, ReturnType, Signature, Type};

use super::{
    arguments,
    expected::{Expected, Owner, Report},
};
use crate::{
    ast::{Phase, same, ungrouped},
    mistakes::Mistakes,
};

/// The types in a signature that has the right shape; whether they are the right types is for the
/// compiler to say.
pub(crate) struct Shape<'a> {
    /// None for an observer of all events.
    pub(crate) event: Option<&'a Type>,
    /// Only after handlers have one.
    pub(crate) outcome: Option<&'a Type>,
    /// The `C` in `&C`: the context, or an observer's witness.
    pub(crate) context: &'a Type,
    pub(crate) answer: &'a Type,
}

/// Checks everything; none if the types are not where they belong.
pub(super) fn check<'a>(
    expected: Expected<'_>,
    signature: &'a Signature,
    mistakes: &mut Mistakes,
) -> Option<Shape<'a>> {
    let phase = expected.phase;
    let typed = |argument: &'a FnArg| match argument {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    };
    let arguments: Vec<&PatType> = signature.inputs.iter().filter_map(typed).collect();
    let first = arguments.first().map(|argument| ungrouped(&argument.ty));
    let event = first.and_then(|first| arguments::named_event(phase, first));
    let all = phase == Phase::Observe
        && match expected.owner {
            Owner::Function => first.is_some_and(arguments::is_seen_any),
            Owner::FunctionForSeveral(_) => false,
            Owner::Impl { all, .. } => all,
        };
    let mut report = Report::new(expected.signature(event, all), mistakes);

    qualifiers(phase.handler(), signature, &mut report);
    generics(expected, signature, &mut report);
    receiver(expected, signature, &mut report);
    if let Some(first) = first {
        arguments::first_argument(expected, first, event, &mut report);
    }
    let complete = arguments::count(phase, signature, &arguments, &mut report);
    let last = arguments
        .last()
        .filter(|_| complete)
        .map(|last| ungrouped(&last.ty));
    let context = last.and_then(|last| arguments::context(phase, last, &mut report));
    let outcome = match (phase, arguments.as_slice()) {
        (Phase::After, [_, second, _]) => arguments::outcome(&second.ty, &mut report),
        _ => None,
    };
    let answer = answer(&returns(phase), signature, &mut report);
    Some(Shape {
        event,
        outcome,
        context: context?,
        answer: answer?,
    })
}

/// What may stand before and after `fn`. `handler` is what messages call it.
pub(crate) fn qualifiers(handler: &str, signature: &Signature, report: &mut Report<'_>) {
    if signature.asyncness.is_none() {
        report.at(
            signature.fn_token,
            format!("{handler} is async; write `async fn`"),
        );
    }
    if let Some(constness) = &signature.constness {
        report.at(constness, format!("{handler} is not const"));
    }
    if let Some(unsafety) = &signature.unsafety {
        report.at(unsafety, format!("{handler} is not unsafe"));
    }
    if let Some(abi) = &signature.abi {
        report.at(
            abi,
            format!("{handler} is a Rust function; take the ABI away"),
        );
    }
    if let Some(variadic) = &signature.variadic {
        report.at(
            variadic,
            format!("{handler} has a fixed number of arguments"),
        );
    }
}

fn generics(expected: Expected<'_>, signature: &Signature, report: &mut Report<'_>) {
    let generics = &signature.generics;
    match (expected.owner, generics.params.is_empty()) {
        (Owner::FunctionForSeveral(Some(_)), _) => {}
        (Owner::FunctionForSeveral(None), true) => report.at(
            &signature.ident,
            "with `events`, a handler has one type parameter in which the events take turns",
        ),
        (Owner::FunctionForSeveral(None), false) => {
            report.at(
                generics,
                "with `events`, a handler has one type parameter and no other",
            );
        }
        (_, true) => {}
        (Owner::Impl { .. }, false) => {
            report.at(generics, "the method of a handler is not generic");
        }
        (Owner::Function, false) if matches!(expected.phase, Phase::Answer | Phase::Timer) => {
            report.at(
                generics,
                format!("{} is not generic", expected.phase.handler()),
            );
        }
        (Owner::Function, false) => report.at(
            generics,
            "a handler is not generic; for several events write `events = [..]` in its attribute",
        ),
    }
}

fn receiver(expected: Expected<'_>, signature: &Signature, report: &mut Report<'_>) {
    let name = expected.phase.trait_name();
    match (expected.owner.is_impl(), signature.receiver()) {
        (false, Some(receiver)) if expected.phase == Phase::Timer => report.at(
            receiver,
            "a function has no `self`; what outlives a run of it belongs into `ctx.state`",
        ),
        (false, Some(receiver)) => report.at(
            receiver,
            format!(
                "a function has no `self`; for a state of its own put the attribute on `impl {name}<..> for ..`"
            ),
        ),
        (true, None) => report.at(&signature.ident, "the method takes `&self`"),
        (true, Some(receiver)) if !same(receiver, quote::quote!(&self)) => {
            report.at(receiver, "the method takes `&self`, since calls share the handler");
        }
        _ => {}
    }
}

/// The type that a signature returns; if there is none, `text` says what it should be.
pub(crate) fn answer<'a>(
    text: &str,
    signature: &'a Signature,
    report: &mut Report<'_>,
) -> Option<&'a Type> {
    match &signature.output {
        ReturnType::Type(_, ty) if !matches!(**ty, Type::ImplTrait(_) | Type::Never(_)) => {
            return Some(ty);
        }
        ReturnType::Type(_, ty) => report.at(ty, text),
        ReturnType::Default => report.at(&signature.ident, text),
    }
    None
}

/// What handlers of this phase return.
fn returns(phase: Phase) -> String {
    let returns = match phase {
        Phase::Before => "`Result<Flow<..>>`: `Ok(Flow::Continue)` goes on",
        Phase::Answer => "`Outcome<..>` of its event",
        Phase::After => "`Outcome<..>`: the outcome itself leaves all as it is",
        Phase::Observe | Phase::Timer => "`Result<()>`",
    };
    format!("{} returns {returns}", phase.handler())
}
