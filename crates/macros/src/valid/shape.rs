//! Judges the signature of a function or a method.

use syn::{FnArg, PatType, ReturnType, Signature, Type, TypeReference};

use super::{
    expected::{Expected, Owner, Report},
    only_type_argument,
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
    let event = first.and_then(|first| named_event(phase, first));
    let all = phase == Phase::Observe
        && match expected.owner {
            Owner::Function => first.is_some_and(is_seen_any),
            Owner::FunctionForSeveral(_) => false,
            Owner::Impl { all, .. } => all,
        };
    let mut report = Report::new(expected.signature(event, all), mistakes);

    qualifiers(phase, signature, &mut report);
    generics(expected.owner, signature, &mut report);
    receiver(expected, signature, &mut report);
    if let Some(first) = first {
        first_argument(expected, first, event, &mut report);
    }
    let complete = count(phase, signature, &arguments, &mut report);
    let last = arguments
        .last()
        .filter(|_| complete)
        .map(|last| ungrouped(&last.ty));
    let context = last.and_then(|last| context(phase, last, &mut report));
    let outcome = match (phase, arguments.as_slice()) {
        (Phase::After, [_, second, _]) => outcome(&second.ty, &mut report),
        _ => None,
    };
    let answer = answer(phase, signature, &mut report);
    Some(Shape {
        event,
        outcome,
        context: context?,
        answer: answer?,
    })
}

/// The event that the first argument names, whether it borrows it rightly or not.
fn named_event(phase: Phase, first: &Type) -> Option<&Type> {
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
        (Phase::Before | Phase::After, Type::Path(_)) => Some(inner),
        _ => None,
    }
}

fn is_seen_any(first: &Type) -> bool {
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

fn qualifiers(phase: Phase, signature: &Signature, report: &mut Report<'_>) {
    let handler = phase.handler();
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

fn generics(owner: Owner<'_>, signature: &Signature, report: &mut Report<'_>) {
    let generics = &signature.generics;
    match (owner, generics.params.is_empty()) {
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
            report.at(generics, "the method of a handler is not generic")
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

fn first_argument(
    expected: Expected<'_>,
    first: &Type,
    event: Option<&Type>,
    report: &mut Report<'_>,
) {
    let phase = expected.phase;
    let borrowed = match first {
        Type::Reference(first) => {
            lifetime(first, report);
            first.mutability.is_some() == (phase == Phase::Before)
        }
        _ => false,
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
                Phase::After => "the first argument is the event as `&..`: it has happened",
                Phase::Observe => {
                    "the first argument is `&Seen<..>` of an event, or `&SeenAny` for all events"
                }
            },
        ),
    }
}

/// Whether the number of arguments is right.
fn count(
    phase: Phase,
    signature: &Signature,
    arguments: &[&PatType],
    report: &mut Report<'_>,
) -> bool {
    let (wanted, names) = match phase {
        Phase::Before => (2, "two arguments, the event and the context"),
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

fn context<'a>(phase: Phase, last: &'a Type, report: &mut Report<'_>) -> Option<&'a Type> {
    match last {
        Type::Reference(last) if last.mutability.is_none() => {
            lifetime(last, report);
            Some(ungrouped(&last.elem))
        }
        _ => {
            let name = if phase == Phase::Observe {
                "&Witness"
            } else {
                "&Context"
            };
            report.at(last, format!("the last argument is `{name}`"));
            None
        }
    }
}

fn outcome<'a>(ty: &'a Type, report: &mut Report<'_>) -> Option<&'a Type> {
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

fn answer<'a>(phase: Phase, signature: &'a Signature, report: &mut Report<'_>) -> Option<&'a Type> {
    let returns = match phase {
        Phase::Before => "`Result<Flow<..>>`: `Ok(Flow::Continue)` goes on",
        Phase::After => "`Outcome<..>`: the outcome itself leaves all as it is",
        Phase::Observe => "`Result<()>`",
    };
    match &signature.output {
        ReturnType::Type(_, ty) if !matches!(**ty, Type::ImplTrait(_) | Type::Never(_)) => Some(ty),
        ReturnType::Type(_, ty) => {
            report.at(ty, format!("{} returns {returns}", phase.handler()));
            None
        }
        ReturnType::Default => {
            report.at(
                &signature.ident,
                format!("{} returns {returns}", phase.handler()),
            );
            None
        }
    }
}

fn lifetime(reference: &TypeReference, report: &mut Report<'_>) {
    if let Some(lifetime) = reference
        .lifetime
        .as_ref()
        .filter(|lifetime| lifetime.ident != "_")
    {
        report.at(
            lifetime,
            "this is lent for one call only; take the lifetime away",
        );
    }
}
