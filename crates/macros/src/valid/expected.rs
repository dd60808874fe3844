//! What a signature should look like, and how we say so.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::Type;

use super::said;
use crate::{ast::Phase, mistakes::Mistakes};

/// What the signature should look like.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) phase: Phase,
    pub(super) name: &'a Ident,
    pub(super) owner: Owner<'a>,
}

/// Whose signature it is.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    /// A function that names its event itself.
    Function,
    /// A function whose attribute names the events, and its type parameter if it has just one.
    FunctionForSeveral(Option<&'a Ident>),
    /// A method in an impl of a trait for this event, or for all of them.
    Impl { event: Option<&'a Type>, all: bool },
}

impl Owner<'_> {
    pub(super) fn is_impl(&self) -> bool {
        matches!(self, Self::Impl { .. })
    }
}

impl Expected<'_> {
    /// The whole signature. `event` is what the first argument names, if anything.
    pub(super) fn signature(&self, event: Option<&Type>, all: bool) -> String {
        let (generics, receiver, event) = match self.owner {
            Owner::Function => ("", "", event),
            Owner::FunctionForSeveral(_) => ("<E: Event>", "", None),
            Owner::Impl { event, .. } => ("", "&self, ", event),
        };
        let event = match event {
            Some(event) => event.to_token_stream().to_string().replace(' ', ""),
            None if generics.is_empty() => self.phase.example_event().to_owned(),
            None => "E".to_owned(),
        };
        let rest = match self.phase {
            Phase::Before => {
                format!("event: &mut {event}, ctx: &Context) -> Result<Flow<{event}>>")
            }
            Phase::Answer => format!("event: {event}, ctx: &Context) -> Outcome<{event}>"),
            Phase::Timer => "tick: RunTimer, ctx: &Context) -> Result<()>".to_owned(),
            Phase::After => format!(
                "event: &{event}, outcome: Outcome<{event}>, ctx: &Context) -> Outcome<{event}>"
            ),
            Phase::Observe if all => "seen: &SeenAny, witness: &Witness) -> Result<()>".to_owned(),
            Phase::Observe => format!("seen: &Seen<{event}>, witness: &Witness) -> Result<()>"),
        };
        format!("async fn {}{generics}({receiver}{rest}", said(self.name))
    }
}

/// Reports mistakes in a signature; the first of them carries the whole expected signature.
pub(crate) struct Report<'m> {
    mistakes: &'m mut Mistakes,
    expected: Option<String>,
}

impl<'m> Report<'m> {
    pub(crate) fn new(expected: String, mistakes: &'m mut Mistakes) -> Self {
        Self {
            mistakes,
            expected: Some(expected),
        }
    }

    pub(crate) fn at(&mut self, tokens: impl ToTokens, text: impl std::fmt::Display) {
        match self.expected.take() {
            Some(expected) => self
                .mistakes
                .at(tokens, format!("{text}\nexpected `{expected}`")),
            None => self.mistakes.at(tokens, text),
        }
    }
}
