use std::{path::Path, sync::Arc, time::Duration};

use vestibule_model::{ErrorCode, Timestamp};

use crate::{
    call::Call,
    engine::EngineInner,
    event::{Event, Outcome},
    json_text::JsonText,
};

/// A call that has ended, as an observer sees it. It can only be read.
#[derive(Clone)]
#[non_exhaustive]
pub struct Seen<E: Event> {
    /// What was asked for, with the changes that before handlers made.
    pub event: E,
    /// What the caller got.
    pub outcome: Outcome<E>,
    /// How the call ended.
    pub ending: Ending,
    /// How long it took.
    pub duration: Duration,
    /// Where it came from.
    pub call: Arc<Call>,
}

/// Secrets are masked, those included that an answer is there to hand over.
impl<E: Event> std::fmt::Debug for Seen<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let outcome = self.outcome.as_ref();
        let outcome = outcome.map(|output| JsonText::of(E::describe_output(output)));
        f.debug_struct("Seen")
            .field("event", &E::NAME)
            .field("input", &JsonText::of(self.event.describe()))
            .field("outcome", &outcome)
            .field("ending", &self.ending)
            .field("duration", &self.duration)
            .field("call", &self.call)
            .finish()
    }
}

/// A call that has ended, whatever its event, as masked JSON.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SeenAny {
    /// The name of the event.
    pub event: &'static str,
    /// What was asked for, secrets masked.
    pub input: JsonText,
    /// What the caller got, secrets masked; `{"code", "message"}` if it was an error.
    pub output: JsonText,
    /// The code of the error, if it was one.
    pub error_code: Option<ErrorCode>,
    /// How the call ended.
    pub ending: Ending,
    /// How long it took.
    pub duration: Duration,
    /// Where it came from.
    pub call: Arc<Call>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// The operation ran; the outcome says whether it worked out.
    Performed,
    /// A before handler answered in its place.
    Responded {
        /// The path of the handler.
        handler: &'static str,
    },
    /// The caller's role may not do this, or it is switched off.
    Denied,
    /// A before handler refused.
    Refused {
        /// The path of the handler.
        handler: &'static str,
    },
    /// A handler panicked; or, without a handler, the operation did.
    Panicked {
        /// The path of the handler.
        handler: Option<&'static str>,
    },
    /// A handler missed its deadline.
    TimedOut {
        /// The path of the handler.
        handler: &'static str,
    },
    /// The call was dropped half-way, because the server is going down.
    Abandoned,
}

impl Ending {
    /// Every kind of ending, in the order of [`Ending::index`].
    pub(crate) const NAMES: [&'static str; 7] = [
        "performed",
        "responded",
        "denied",
        "refused",
        "panicked",
        "timed_out",
        "abandoned",
    ];

    /// The kind of ending, as it is called in logs and metrics.
    pub fn as_str(&self) -> &'static str {
        Self::NAMES[self.index()]
    }

    pub(crate) fn index(&self) -> usize {
        match self {
            Self::Performed => 0,
            Self::Responded { .. } => 1,
            Self::Denied => 2,
            Self::Refused { .. } => 3,
            Self::Panicked { .. } => 4,
            Self::TimedOut { .. } => 5,
            Self::Abandoned => 6,
        }
    }
}

/// What an observer may know besides what it sees. There is no `cloud()` and no `response()` here:
/// that observers change nothing is a type, not a promise.
pub struct Witness {
    engine: Arc<EngineInner>,
    call: Arc<Call>,
}

impl Witness {
    pub(crate) fn new(engine: Arc<EngineInner>, call: Arc<Call>) -> Self {
        Self { engine, call }
    }

    /// The wall clock.
    pub fn now(&self) -> Timestamp {
        self.engine.clock.now()
    }

    /// Where the call came from.
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// State that outlives the call: one value per type and engine, shared with all handlers that
    /// ask for the same type.
    pub fn state<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.engine.states.get()
    }

    /// The folder in which the server keeps its data; an observer puts its own files into a folder
    /// named after itself in there.
    pub fn data_folder(&self) -> &Path {
        &self.engine.data_folder
    }
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}
