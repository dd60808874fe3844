mod by_name;

use std::fmt;

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use vestibule_model::ErrorCode;

pub(crate) use by_name::{CustomEvents, Door};

use crate::{
    Error, Result,
    call::Call,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    masking::masked,
    permissions::{Callable, permit_call},
    pipeline::run_answer,
    registry::Entry,
    settlement::Performed,
};

/// An event of an app's own: what `#[derive(CustomEvent)]` makes of a struct.
///
/// Backendless: a custom event, event 900. One function with `#[answer]` does the work; before
/// handlers, after handlers and observers run around it as around any other event. Server code runs
/// it with `ctx.cloud().dispatch(..)`, clients by `POST /servercode/events/{name}` as far as
/// [`ACCESS`](CustomEvent::ACCESS) lets them.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use vestibule::prelude::*;
///
/// #[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
/// #[event(name = "convert", output = f64, access = anyone)]
/// struct Convert {
///     celsius: f64,
/// }
///
/// #[answer(collect = false)]
/// async fn convert(event: Convert, _ctx: &Context) -> Result<f64> {
///     Ok(event.celsius * 1.8 + 32.0)
/// }
/// ```
///
/// The trap: fields reach observers and logs as JSON. What must not, is a [`Secret`](crate::Secret).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event of the app's own",
    label = "put `#[derive(CustomEvent)]` on a struct, with `Clone`, `Serialize` and `Deserialize`",
    note = "the events of Vestibule do their own work; to answer in their place, respond in a `#[before]` handler",
    note = "server code runs them with methods of their own, such as `ctx.cloud().register(..)`"
)]
pub trait CustomEvent: Event<Output: Serialize> + Serialize + DeserializeOwned {
    /// Who may run it from outside. Server code always may.
    const ACCESS: CallableBy;
}

/// Who may run something of the app's own from outside; a permission of the operator's can take it
/// away from some of them, and cannot give it to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallableBy {
    /// Anybody, logged in or not: `access = anyone`.
    Anyone,
    /// Whoever has a session, guests included: `access = user`.
    User,
    /// Calls in this role, a system role or a custom one: `access = role("Support")`.
    Role(&'static str),
    /// Server code alone: `access = server`.
    Server,
}

impl CallableBy {
    /// Whether this call is one of them.
    pub(crate) fn includes(self, call: &Call) -> bool {
        call.is_server_code()
            || match self {
                Self::Anyone => true,
                Self::User => call.caller.id().is_some(),
                Self::Role(role) => call.has_role(role),
                Self::Server => false,
            }
    }
}

/// As lists of handlers have it: `anyone`, `user`, `role Support`, `server`.
impl fmt::Display for CallableBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("anyone"),
            Self::User => f.write_str("user"),
            Self::Role(role) => write!(f, "role {role}"),
            Self::Server => f.write_str("server"),
        }
    }
}

/// Does the work of a custom event: the one handler that answers it.
///
/// You rarely implement this by hand: `#[answer]` does it for a function, and accepts an impl of
/// this trait where the handler has a state of its own.
///
/// # Errors
/// An error is what the caller gets, unless an after handler mends it.
#[async_trait]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not answer `{E}`",
    label = "expected `#[answer] async fn name(event: {E}, ctx: &Context) -> Outcome<{E}>`"
)]
pub trait Answers<E: Event>: Send + Sync + 'static {
    /// Takes the event and answers it.
    async fn answer(&self, event: E, ctx: &Context) -> Result<E::Output>;
}

impl<E: CustomEvent> Sealed for E {}
impl<E: CustomEvent> ClientEvent for E {}

impl<E: CustomEvent> Operation for E {
    fn check_answered(&self, ctx: &Context) -> Result<()> {
        match answering::<E>(ctx) {
            Some(entry) if !entry.switch.is_on() => Err(not_found(E::NAME)),
            _ => Ok(()),
        }
    }

    fn permit(&self, ctx: &Context) -> Result<()> {
        let event = Callable::Event(E::NAME);
        permit_call(&ctx.shared.engine, ctx.call(), event, E::ACCESS)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<E::Output>> {
        let Some(entry) = answering::<E>(ctx) else {
            return Err(not_found(E::NAME));
        };
        run_answer(entry, self, ctx).await.map(Performed::done)
    }
}

/// Who answers the event, switched off or not.
fn answering<E: CustomEvent>(ctx: &Context) -> Option<&Entry<dyn Answers<E>>> {
    let chain = ctx.shared.engine.registry.chain::<E>();
    chain.and_then(|chain| chain.answer.as_ref())
}

/// The event as JSON for observers and logs, secrets masked. For the derive.
pub fn describe_custom<E: CustomEvent>(event: &E) -> Json {
    masked(event)
}

/// Its output as JSON for observers and logs, secrets masked. For the derive.
pub fn describe_custom_output<E: CustomEvent>(output: &E::Output) -> Json {
    masked(output)
}

/// The text is the platform's own, grammar included: clients compare it (wire contract, section 12).
pub(crate) fn not_found(name: &str) -> Error {
    let message = format!("Custom event handler with name '{name}' does not exists");
    Error::new(ErrorCode::EventNotFound, message)
}
