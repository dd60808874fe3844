//! Running custom events by their names, as clients do.

use std::{any::TypeId, collections::BTreeMap};

use serde_json::{Map, Value as Json};
use serde_path_to_error::Segment;
use vestibule_model::ErrorCode;

use super::{CallableBy, CustomEvent, not_found};
use crate::{
    Error, Result,
    engine::Engine,
    execution::{Dispatched, Execution, Run, run_of},
    permissions::{Callable, permit_call},
    registration::Meta,
    rehearsal::Rehearse,
    request::ClientRequest,
};

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
                    let event: E = serde_path_to_error::deserialize(&input).map_err(misfit)?;
                    engine.rehearse(request, event).await
                };
                Box::pin(rehearsed)
            },
        }
    }
}

fn read<E: CustomEvent>(arguments: Map<String, Json>) -> Result<Run> {
    let event: E = serde_json::from_value(Json::Object(arguments)).map_err(|error| {
        let message = format!("the arguments of the event {} do not fit: {error}", E::NAME);
        Error::new(ErrorCode::InvalidParameter, message)
    })?;
    Ok(run_of(event, written::<E>))
}

/// What a custom event has to say of its fields, with the place in front.
fn misfit(error: serde_path_to_error::Error<serde_json::Error>) -> Error {
    let mut place = String::new();
    for segment in error.path() {
        place.push('/');
        match segment {
            Segment::Seq { index } => place.push_str(&index.to_string()),
            segment => place.push_str(&segment.to_string()),
        }
    }
    let place = if place.is_empty() {
        "the event"
    } else {
        &place
    };
    Error::invalid(format!("{place}: {}", error.inner()))
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
