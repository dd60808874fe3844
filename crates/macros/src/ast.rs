//! What an attribute stands on, as it was written.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, ItemImpl, Result, Signature, Type, Visibility,
    parse::{Parse, ParseStream},
};

/// Which of the attributes it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Before,
    Answer,
    After,
    Observe,
    Timer,
}

impl Phase {
    /// Those that have a trait of their own.
    const ALL: [Self; 4] = [Self::Before, Self::Answer, Self::After, Self::Observe];

    /// The phase whose handlers implement the trait of this name.
    pub(crate) fn of_trait(name: &Ident) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|phase| phase.traits().iter().any(|of_phase| name == of_phase))
    }

    /// The attribute's name, and that of the method in its traits.
    pub(crate) const fn attribute(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Answer => "answer",
            Self::After => "after",
            Self::Observe => "observe",
            Self::Timer => "timer",
        }
    }

    /// The traits whose impls are handlers of this phase.
    pub(crate) const fn traits(self) -> &'static [&'static str] {
        match self {
            Self::Before => &["Before"],
            Self::Answer | Self::Timer => &["Answers"],
            Self::After => &["After"],
            Self::Observe => &["Observer", "ObserverOfAll"],
        }
    }

    /// The trait that belongs to one event.
    pub(crate) const fn trait_name(self) -> &'static str {
        self.traits()[0]
    }

    /// What a handler of this phase borrows besides the event.
    pub(crate) const fn last_argument(self) -> &'static str {
        match self {
            Self::Before | Self::Answer | Self::After | Self::Timer => "&Context",
            Self::Observe => "&Witness",
        }
    }

    /// An option of the attribute as an example, and the names of all of them.
    pub(crate) const fn options(self) -> (&'static str, &'static str) {
        match self {
            Self::Answer | Self::Timer => ("timeout = \"2s\"", "`timeout` and `collect`"),
            Self::Before | Self::After | Self::Observe => (
                "order = -10",
                "`order`, `before`, `after`, `timeout`, `on_failure`, `disable_after`, `collect`, \
                 `table` and `events`",
            ),
        }
    }

    /// An event that messages use where the author has named none.
    pub(crate) const fn example_event(self) -> &'static str {
        match self {
            Self::Answer => "MyEvent",
            Self::Timer => "RunTimer",
            Self::Before | Self::After | Self::Observe => "LoginAsGuest",
        }
    }

    /// What messages call a handler of this phase.
    pub(crate) const fn handler(self) -> &'static str {
        match self {
            Self::Before => "a before handler",
            Self::Answer => "a handler that answers",
            Self::After => "an after handler",
            Self::Observe => "an observer",
            Self::Timer => "a timer",
        }
    }
}

/// What the attribute stands on.
pub(crate) enum Item {
    Function(Box<Function>),
    Impl(Box<ItemImpl>),
    /// Anything else.
    Other,
}

/// A function. Its body is not looked at, so that it may be unfinished: editors expand attributes
/// while somebody is typing.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
}

impl Item {
    pub(crate) fn of(tokens: &TokenStream) -> Self {
        if let Ok(function) = syn::parse2(tokens.clone()) {
            return Self::Function(Box::new(function));
        }
        match syn::parse2(tokens.clone()) {
            Ok(item) => Self::Impl(Box::new(item)),
            Err(_) => Self::Other,
        }
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let function = Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
        };
        input.parse::<TokenStream>()?;
        Ok(function)
    }
}

/// A type without the invisible brackets that a macro of the user's may have put around it.
pub(crate) fn ungrouped(mut ty: &Type) -> &Type {
    while let Type::Group(syn::TypeGroup { elem, .. }) | Type::Paren(syn::TypeParen { elem, .. }) =
        ty
    {
        ty = elem;
    }
    ty
}

/// Whether two pieces of code are the same text.
pub(crate) fn same(one: impl ToTokens, other: impl ToTokens) -> bool {
    one.to_token_stream().to_string() == other.to_token_stream().to_string()
}
