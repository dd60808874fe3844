//! Judges the arguments of a function or a method, one by one.

use syn::{PatType, Signature, Type, TypeReference};

use super::{
    expected::{Expected, Owner, Report},
    only_type_argument,
};
use crate::ast::{Phase, same, ungrouped};

/// The event that the first argument names, whether it borrows it rightly or not.
pub(super) fn named_event(phase: Phase, first: &Type) -> Option<&Type> {
    let inner = match first {
        Type::Reference(first) => ungrouped(&first.elem),
        other => other,
    };
    match (phase, inner) {
        (Phase::Observe, Type::Path(seen)) => {
            let last = seen
                .path
                .segments
                .last()
                .filter(|last| last.ident == "Seen")?;
            only_type_argument(last)
        }
        (Phase::Before | Phase::Answer | Phase::After | Phase::Timer, Type::Path(_)) => Some(inner),
        _ => None,
    }
}

/// Whether handlers of this phase get the event itself, which nobody needs after them.
fn takes_the_event(phase: Phase) -> bool {
    matches!(phase, Phase::Answer | Phase::Timer)
}

pub(super) fn is_seen_any(first: &Type) -> bool {
    let Type::Reference(TypeReference { elem, .. }) = first else {
        return false;
    };
    match ungrouped(elem) {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "SeenAny"),
        _ => false,
    }
}

pub(super) fn first_argument(
    expected: Expected<'_>,
    first: &Type,
    event: Option<&Type>,
    report: &mut Report<'_>,
) {
    let phase = expected.phase;
    let borrowed = match first {
        Type::Reference(first) => {
            lifetime(first, report);
            !takes_the_event(phase) && first.mutability.is_some() == (phase == Phase::Before)
        }
        _ => takes_the_event(phase),
    };
    let for_all = is_seen_any(first) && phase == Phase::Observe;
    match (expected.owner, event) {
        (Owner::FunctionForSeveral(Some(parameter)), _)
            if borrowed && !event.is_some_and(|event| same(event, parameter)) =>
        {
            let text = format!(
                "with `events`, the events take turns in `{parameter}`; use it as the event here"
            );
            report.at(first, text);
        }
        (_, Some(_)) if borrowed => {}
        (_, None) if borrowed && for_all => {}
        _ => report.at(
            first,
            match phase {
                Phase::Before => {
                    "the first argument is the event as `&mut ..`, to be changed or not"
                }
                Phase::Answer => "the first argument is the event itself, to be used up",
                Phase::Timer => "the first argument is the tick, `RunTimer`",
                Phase::After => "the first argument is the event as `&..`: it has happened",
                Phase::Observe => {
                    "the first argument is `&Seen<..>` of an event, or `&SeenAny` for all events"
                }
            },
        ),
    }
}

/// Whether the number of arguments is right.
pub(super) fn count(
    phase: Phase,
    signature: &Signature,
    arguments: &[&PatType],
    report: &mut Report<'_>,
) -> bool {
    let (wanted, names) = match phase {
        Phase::Before | Phase::Answer => (2, "two arguments, the event and the context"),
        Phase::Timer => (2, "two arguments, the tick and the context"),
        Phase::After => (3, "three arguments, the event, its outcome and the context"),
        Phase::Observe => (2, "two arguments, what is seen and the witness"),
    };
    let text = format!("{} takes {names}", phase.handler());
    if let Some(surplus) = arguments
        .get(wanted..)
        .filter(|surplus| !surplus.is_empty())
    {
        let surplus = quote::quote!(#(#surplus),*);
        report.at(surplus, text);
    } else if arguments.is_empty() {
        report.at(&signature.ident, text);
    } else if arguments.len() < wanted {
        let arguments = quote::quote!(#(#arguments),*);
        report.at(arguments, text);
    }
    arguments.len() == wanted
}

/// The `C` in `&C`, of the last argument.
pub(crate) fn context<'a>(
    phase: Phase,
    last: &'a Type,
    report: &mut Report<'_>,
) -> Option<&'a Type> {
    match last {
        Type::Reference(last) if last.mutability.is_none() => {
            lifetime(last, report);
            Some(ungrouped(&last.elem))
        }
        _ => {
            report.at(
                last,
                format!("the last argument is `{}`", phase.last_argument()),
            );
            None
        }
    }
}

pub(super) fn outcome<'a>(ty: &'a Type, report: &mut Report<'_>) -> Option<&'a Type> {
    match ungrouped(ty) {
        Type::Reference(_) | Type::ImplTrait(_) => {
            report.at(
                ty,
                "the outcome is handed over as `Outcome<..>`, to be returned or replaced",
            );
            None
        }
        ty => Some(ty),
    }
}

fn lifetime(reference: &TypeReference, report: &mut Report<'_>) {
    if let Some(lifetime) = reference
        .lifetime
        .as_ref()
        .filter(|found| found.ident == "static")
    {
        report.at(
            lifetime,
            "this is lent for one call only; take the lifetime away",
        );
    }
}
