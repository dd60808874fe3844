//! Running custom events by their names, as clients do.

use std::{any::TypeId, collections::BTreeMap};

use serde_json::{Map, Value as Json};
use serde_path_to_error::{Path, Segment};

use super::{CallableBy, CustomEvent, not_found};
use crate::{
    Error, Result,
    engine::Engine,
    execution::{Dispatched, Execution, Run, run_of},
    masking::{holds_secret, is_secret},
    permissions::{Callable, permit_call},
    registration::Meta,
    rehearsal::Rehearse,
    request::ClientRequest,
    secret::MISFIT_OF_SECRET,
    services::shortened,
};

type Misfit = serde_path_to_error::Error<serde_json::Error>;

/// The custom events that somebody answers, by name.
pub(crate) type CustomEvents = BTreeMap<&'static str, Door>;

/// How to run one custom event by its name.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    /// Who answers it.
    pub(crate) meta: Meta,
    access: CallableBy,
    read: fn(Map<String, Json>) -> Result<Run>,
    /// Rehearses it.
    pub(crate) rehearse: Rehearse,
}

impl Door {
    pub(crate) fn of<E: CustomEvent>(meta: Meta) -> Self {
        Self {
            meta,
            access: E::ACCESS,
            read: read::<E>,
            rehearse: |engine, request, input| {
                let rehearsed = async move {
                    let event = serde_path_to_error::deserialize(&input);
                    let event: E = event.map_err(|error| unfit_input(&input, &error))?;
                    engine.rehearse(request, event).await
                };
                Box::pin(rehearsed)
            },
        }
    }
}

fn read<E: CustomEvent>(arguments: Map<String, Json>) -> Result<Run> {
    let arguments = Json::Object(arguments);
    let event: E = serde_path_to_error::deserialize(&arguments).map_err(|error| {
        let unfit = format!("the arguments of the event {} do not fit", E::NAME);
        Error::invalid(match words(&arguments, &error) {
            Some(words) => format!("{unfit}: {words}"),
            None => unfit,
        })
    })?;
    Ok(run_of(event, written::<E>))
}

/// What a custom event has to say of its fields, with the place in front.
fn unfit_input(input: &Json, error: &Misfit) -> Error {
    let words = words(input, error);
    let mut place = String::new();
    // What stands within a secret is a part of it, its keys included.
    let said = words.as_deref().unwrap_or_default();
    if !said.contains(MISFIT_OF_SECRET) {
        for segment in error.path() {
            place.push('/');
            match segment {
                Segment::Seq { index } => place.push_str(&index.to_string()),
                segment => place.push_str(&segment.to_string()),
            }
        }
    }
    let place = match place.as_str() {
        "" => "the event",
        place => &shortened(place),
    };
    Error::invalid(match words {
        Some(words) => format!("{place}: {words}"),
        None => format!("{place}: it does not fit, and holds a secret"),
    })
}

/// What the event's own type has to say of arguments that do not fit, unless it could quote a secret.
fn words(arguments: &Json, error: &Misfit) -> Option<String> {
    let words = error.inner().to_string();
    // The name is the type's own, and nothing that came is quoted.
    let is_missing = words.starts_with("missing field `");
    let may_be_told = is_missing || !is_about_secret(arguments, error.path());
    may_be_told.then(|| shortened(&words))
}

/// Whether what does not fit is a secret by its name, stands in one, or holds one.
fn is_about_secret(arguments: &Json, path: &Path) -> bool {
    let mut unfit = Some(arguments);
    for segment in path {
        unfit = match segment {
            Segment::Map { key } | Segment::Enum { variant: key } if is_secret(key) => return true,
            Segment::Map { key } | Segment::Enum { variant: key } => {
                unfit.and_then(|json| json.get(key))
            }
            Segment::Seq { index } => unfit.and_then(|json| json.get(index)),
            Segment::Unknown => break,
        };
    }
    unfit.is_some_and(holds_secret)
}

/// The answer as JSON. The call is over, so nobody else tells the operator that this went wrong.
fn written<E: CustomEvent>(output: E::Output) -> Result<Option<Json>> {
    if TypeId::of::<E::Output>() == TypeId::of::<()>() {
        return Ok(None);
    }
    serde_json::to_value(output).map(Some).map_err(|error| {
        let error = Error::from(error);
        let log = error.log();
        tracing::error!(event.name = E::NAME, error = log, "an answer is no JSON");
        error
    })
}

impl Engine {
    /// Runs a custom event by its name, as clients do.
    ///
    /// With [`Execution::Async`] this returns as soon as it is known that there is such an event, that
    /// this caller may run it, that the arguments fit, and that there is room for it: of whatever
    /// happens then only the log and observers hear. What was accepted is run even if the engine is
    /// shut down meanwhile.
    pub async fn dispatch(
        &self,
        request: ClientRequest,
        name: &str,
        arguments: Map<String, Json>,
        execution: Execution,
    ) -> Dispatched {
        let inner = &self.inner;
        let Some(door) = inner.registry.custom_event(name) else {
            return Dispatched::failed(not_found(name));
        };
        let permit = |call: &_| permit_call(inner, call, Callable::Event(name), door.access);
        let read = || (door.read)(arguments);
        self.execute(name, request, execution, permit, read).await
    }
}
