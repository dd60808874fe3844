//! Judges what was written: every mistake is reported, each at its own place.

mod arguments;
mod expected;
mod shape;

pub(crate) use arguments::context;
pub(crate) use expected::Report;
pub(crate) use shape::{Shape, answer, qualifiers};

use proc_macro2::{Ident, Span};
use syn::{
    Attribute, Generics, ImplItem, ItemImpl, Path, PathArguments, PathSegment, Type, Visibility,
    ext::IdentExt,
};

use crate::{
    ast::{Function, Item, Phase, same, ungrouped},
    attr::Options,
    mistakes::Mistakes,
    valid::expected::{Expected, Owner},
};

/// A handler that can be expanded.
pub(crate) struct Handler<'a> {
    pub(crate) form: Form<'a>,
    pub(crate) target: Target<'a>,
    /// Under which conditions there is such a handler at all.
    pub(crate) conditions: Vec<&'a Attribute>,
}

/// What the attribute stands on.
pub(crate) enum Form<'a> {
    Function {
        name: &'a Ident,
        visibility: &'a Visibility,
        shape: Shape<'a>,
    },
    Impl {
        ty: &'a Type,
        name: &'a Ident,
        shape: Shape<'a>,
    },
}

/// What the handler is for.
pub(crate) enum Target<'a> {
    /// The event that its signature names.
    One(&'a Type),
    /// The events that the attribute names; they take turns in the function's type parameter.
    Several {
        parameter: &'a Ident,
        events: &'a [Type],
    },
    /// All events; only observers can do that.
    All,
}

/// The handler, or none if there is any mistake.
pub(crate) fn handler<'a>(
    phase: Phase,
    options: &'a Options,
    item: &'a Item,
    mistakes: &mut Mistakes,
) -> Option<Handler<'a>> {
    if let (Phase::Observe, Some(name)) = (phase, options.given("on_failure")) {
        mistakes.at(
            name,
            "an observer cannot fail a call; take `on_failure` away",
        );
    }
    if phase == Phase::Answer {
        no_option_of_others(options, mistakes);
    }
    if let (Phase::Before | Phase::After, false, Some(name)) = (
        phase,
        options.open_on_failure,
        options.given("disable_after"),
    ) {
        mistakes.at(
            name,
            "a handler that fails closed is never switched off by its failures, or else whoever makes \
             it fail would be rid of it; write `on_failure = \"open\"`, or take `disable_after` away",
        );
    }
    let handler = match item {
        Item::Function(item) => function(phase, options, item, mistakes),
        Item::Impl(item) => implementation(phase, options, item, mistakes),
        // Nothing to point at but the attribute itself; the item may be large.
        Item::Other => {
            let (attribute, name) = (phase.attribute(), phase.trait_name());
            let text =
                format!("`#[{attribute}]` goes on an `async fn`, or on `impl {name}<..> for ..`");
            mistakes.add(syn::Error::new(Span::call_site(), text));
            None
        }
    };
    if let (Some(name), Some(Target::All)) = (
        options.given("table"),
        handler.as_ref().map(|handler| &handler.target),
    ) {
        mistakes.at(
            name,
            "an observer of all events has no table; observe one data event, or take `table` away",
        );
    }
    handler.filter(|_| mistakes.is_empty())
}

/// A function that is a handler; none if the types are not where they belong.
pub(crate) fn function<'a>(
    phase: Phase,
    options: &'a Options,
    item: &'a Function,
    mistakes: &mut Mistakes,
) -> Option<Handler<'a>> {
    let (signature, name) = (&item.signature, &item.signature.ident);
    let parameter = only_type_parameter(&signature.generics);
    no_event_twice(&options.events, mistakes);
    let owner = match options.given("events") {
        Some(_) if !matches!(phase, Phase::Answer | Phase::Timer) => {
            Owner::FunctionForSeveral(parameter)
        }
        _ => Owner::Function,
    };
    let expected = Expected { phase, name, owner };
    let shape = shape::check(expected, signature, mistakes)?;
    let target = match (options.events.as_slice(), parameter, shape.event) {
        (events @ [_, ..], Some(parameter), _) => Target::Several { parameter, events },
        (_, _, Some(event)) => Target::One(event),
        (_, _, None) => Target::All,
    };
    let form = Form::Function {
        name,
        visibility: &item.visibility,
        shape,
    };
    Some(Handler {
        form,
        target,
        conditions: conditions(&item.attributes),
    })
}

fn implementation<'a>(
    phase: Phase,
    options: &'a Options,
    item: &'a ItemImpl,
    mistakes: &mut Mistakes,
) -> Option<Handler<'a>> {
    if let (true, Some(name)) = (phase != Phase::Answer, options.given("events")) {
        mistakes.at(
            name,
            "`events` is for functions; write one impl for each event",
        );
    }
    if !item.generics.params.is_empty() {
        mistakes.at(
            &item.generics,
            "a handler's type has no parameters, nor has its impl",
        );
    }
    let last = handler_trait(phase, item, mistakes)?;
    let all = last.ident == "ObserverOfAll";
    let event = match only_type_argument(last) {
        None if !all => {
            let text = format!(
                "`{0}` needs one event, like `{0}<{1}>`",
                last.ident,
                phase.example_event()
            );
            mistakes.at(last, text);
            None
        }
        event => event,
    };
    let name = type_name("a handler", &item.self_ty, mistakes);
    let method = phase.attribute();
    let signature = item.items.iter().find_map(|item| match item {
        ImplItem::Fn(item) if item.sig.ident == method => Some(&item.sig),
        _ => None,
    });
    let owner = Owner::Impl { event, all };
    let Some(signature) = signature else {
        let method = Ident::new(method, Span::call_site());
        let expected = Expected {
            phase,
            name: &method,
            owner,
        }
        .signature(event, all);
        let text = format!("the method `{method}` is missing\nexpected `{expected}`");
        mistakes.at(&item.self_ty, text);
        return None;
    };
    let expected = Expected {
        phase,
        name: &signature.ident,
        owner,
    };
    let shape = shape::check(expected, signature, mistakes)?;
    let form = Form::Impl {
        ty: ungrouped(&item.self_ty),
        name: name?,
        shape,
    };
    let target = event.map_or(Target::All, Target::One);
    Some(Handler {
        form,
        target,
        conditions: conditions(&item.attrs),
    })
}

/// A handler that answers stands alone, so that much of what others may say has no meaning.
fn no_option_of_others(options: &Options, mistakes: &mut Mistakes) {
    for (option, why) in [
        ("order", "one handler alone does the work of an event"),
        ("before", "one handler alone does the work of an event"),
        ("after", "one handler alone does the work of an event"),
        (
            "on_failure",
            "without an answer there is nothing to go on with",
        ),
        (
            "disable_after",
            "without an answer there is nothing to go on with",
        ),
        ("table", "an event of your own is about no table"),
        ("events", "a handler answers one event; write one for each"),
    ] {
        if let Some(name) = options.given(option) {
            mistakes.at(name, format!("{why}; take `{option}` away"));
        }
    }
}

fn no_event_twice(events: &[Type], mistakes: &mut Mistakes) {
    for (at, event) in events.iter().enumerate() {
        if events[..at].iter().any(|earlier| same(earlier, event)) {
            mistakes.at(event, "this event is named twice; take one of them away");
        }
    }
}

/// The last part of the trait's path, if the trait belongs to the attribute.
fn handler_trait<'a>(
    phase: Phase,
    item: &'a ItemImpl,
    mistakes: &mut Mistakes,
) -> Option<&'a PathSegment> {
    let (attribute, name) = (phase.attribute(), phase.trait_name());
    let Some((negation, path, _)) = &item.trait_ else {
        let text = format!("`#[{attribute}]` goes on an impl of `{name}`, not of the type alone");
        mistakes.at(&item.self_ty, text);
        return None;
    };
    if let Some(negation) = negation {
        mistakes.at(negation, "a handler cannot be negative");
    }
    if let Some(unsafety) = &item.unsafety {
        mistakes.at(unsafety, "a handler is not unsafe");
    }
    let last = path.segments.last()?;
    match Phase::of_trait(&last.ident) {
        Some(other) if other == phase => return Some(last),
        Some(other) => {
            let (found, right) = (&last.ident, other.attribute());
            let text = format!(
                "`#[{attribute}]` goes on an impl of `{name}`; an impl of `{found}` takes `#[{right}]`"
            );
            mistakes.at(path, text);
        }
        None => mistakes.at(
            path,
            format!("`#[{attribute}]` goes on an impl of `{name}`"),
        ),
    }
    None
}

/// The plain name of the type that is the handler, or what else `what` says.
pub(crate) fn type_name<'a>(
    what: &str,
    ty: &'a Type,
    mistakes: &mut Mistakes,
) -> Option<&'a Ident> {
    let plain = match ungrouped(ty) {
        Type::Path(ty) if ty.qself.is_none() => last_plain(&ty.path),
        _ => None,
    };
    if plain.is_none() {
        let text = format!("{what} is a type of your own without parameters");
        mistakes.at(ty, text);
    }
    plain
}

fn last_plain(path: &Path) -> Option<&Ident> {
    let last = path.segments.last()?;
    last.arguments.is_none().then_some(&last.ident)
}

/// The `E` in `name<E>`.
fn only_type_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match (arguments.args.len(), arguments.args.first()) {
        (1, Some(syn::GenericArgument::Type(ty))) => Some(ungrouped(ty)),
        _ => None,
    }
}

fn only_type_parameter(generics: &Generics) -> Option<&Ident> {
    let mut parameters = generics.params.iter();
    match (parameters.next(), parameters.next()) {
        (Some(syn::GenericParam::Type(parameter)), None) => Some(&parameter.ident),
        _ => None,
    }
}

/// Under which conditions there is an item with these attributes.
pub(crate) fn conditions(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .collect()
}

/// The name of an identifier as people say it: `r#move` is `move`.
pub(crate) fn said(name: &Ident) -> String {
    name.unraw().to_string()
}
