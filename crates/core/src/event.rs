use std::future::{Future, ready};

use serde::Serialize;
use serde_json::Value as Json;

use crate::{Error, Result, context::Context, settlement::Performed};

/// A typed request: what somebody wants done, before it is done.
///
/// Handlers name the event they are for, and get it with its own type. The events of Vestibule
/// are listed in the documentation of the crate `vestibule`; each says what it is called on the
/// platform whose API we speak.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "handlers are for events such as `LoginAsGuest` or `Register`",
    note = "`use vestibule::prelude::*;` brings all events of Vestibule into scope"
)]
pub trait Event: Clone + Send + Sync + 'static {
    /// The event's name on the wire and in logs: `loginAsGuest`.
    const NAME: &'static str;

    /// What the caller gets when it works out.
    type Output: Clone + std::fmt::Debug + Send + Sync + 'static;

    /// What happens to a row of `Users` instead of this event, whatever the door: a handler of this
    /// event for that table would never run.
    #[doc(hidden)]
    const OF_USERS: Option<&'static str> = None;

    /// The table that a data event is about; no other event has one. A before handler cannot
    /// change it.
    fn table(&self) -> Option<&str> {
        None
    }

    /// What tells two calls of this event apart where calls lead to calls: two of one instance are a
    /// loop. The table, unless an event says otherwise.
    #[doc(hidden)]
    fn instance(&self) -> Option<&str> {
        self.table()
    }

    /// What observers and logs get to see of the event, secrets masked.
    fn describe(&self) -> impl Serialize;

    /// What observers and logs get to see of the output, secrets masked.
    fn describe_output(output: &Self::Output) -> impl Serialize;
}

/// An event about records of one table, so that its handlers may ask for one table only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not about a table",
    label = "`table = \"..\"` goes with data events such as `Create` or `Find`",
    note = "users have events of their own (`Register`, `UpdateUser`, `RemoveUser`), which need no table"
)]
pub trait DataEvent: Event {}

/// An event that somebody outside may ask for, through [`Engine::submit`](crate::Engine::submit).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent by a client",
    label = "this event is reserved for cloud code",
    note = "handlers run it with `ctx.cloud()`; whoever holds the CodeRunner key, with `engine.code_runner(key)`"
)]
pub trait ClientEvent: Operation {}

/// An event that the holder of the CodeRunner key may ask for as well.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent with the CodeRunner key",
    label = "this event belongs to the engine"
)]
pub trait CodeRunnerEvent: Operation {}

impl<E: ClientEvent> CodeRunnerEvent for E {}

/// What a call came to: its output, or the error that ended it.
pub type Outcome<E> = Result<<E as Event>::Output>;

/// What a before handler decides.
#[derive(Clone, Debug)]
#[must_use = "answer it: `Ok(Flow::Continue)` goes on, `Ok(Flow::Respond(output))` ends the call"]
pub enum Flow<E: Event> {
    /// Go on, with the changes made to the event.
    Continue,
    /// Answer this at once: neither the operation nor after handlers run.
    Respond(E::Output),
}

/// An event together with the work it asks for. Sealed: only the engine performs operations.
pub trait Operation: Event + sealed::Sealed {
    /// Whether a user who is disabled may still do this.
    #[doc(hidden)]
    const ALLOWED_WHEN_DISABLED: bool = false;

    /// Whether the work changes nothing. Unless handlers have a say, such a call needs no task of its
    /// own: nothing is left half-done when its client goes away.
    #[doc(hidden)]
    const ONLY_READS: bool = false;

    /// Whether there is anybody to do this when a call of it begins: the operator may have switched off
    /// whoever answers it. A call that has begun is not asked again.
    #[doc(hidden)]
    fn check_answered(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    /// Whether this caller may ask for this, and whether it is switched on at all.
    #[doc(hidden)]
    fn permit(&self, ctx: &Context) -> Result<()>;

    /// What becomes of that answer where the storage has a say: of a record that its caller may not
    /// find, nobody is told what else may not be done with it.
    #[doc(hidden)]
    fn verdict(
        &self,
        _ctx: &Context,
        permitted: Result<()>,
    ) -> impl Future<Output = Result<()>> + Send {
        ready(permitted)
    }

    /// Does the work.
    #[doc(hidden)]
    fn perform(
        self,
        ctx: &Context,
        power: sealed::Power,
    ) -> impl Future<Output = Result<Performed<Self::Output>>> + Send;
}

pub(crate) mod sealed {
    /// Keeps operations of our own to ourselves.
    pub trait Sealed {}

    /// What it takes to perform an operation. Only this crate can make one, so nobody runs an
    /// operation past its permission check, its handlers and its audit record.
    pub struct Power(());

    impl Power {
        /// The pipeline makes one, after the permission check.
        pub(crate) fn of_the_pipeline() -> Self {
            Self(())
        }
    }
}

/// The error of a call as JSON for observers and logs.
pub(crate) fn describe_error(error: &Error) -> Json {
    serde_json::json!({ "code": error.code().number(), "message": error.message() })
}
