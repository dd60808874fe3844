//! Running custom events by their names, as clients do.

use std::{any::TypeId, collections::BTreeMap};

use futures::{FutureExt, future::BoxFuture};
use serde_json::{Map, Value as Json};
use tracing::Instrument;
use vestibule_model::ErrorCode;

use super::{CallableBy, CustomEvent, not_found};
use crate::{
    Error, Result,
    context::ResponseParts,
    dispatch::Admitted,
    engine::{Engine, Reply},
    later::Lane,
    permissions::permit_event,
    registration::Meta,
    request::ClientRequest,
};

/// How a client wants an event run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Execution {
    /// The client waits for the answer.
    #[default]
    Sync,
    /// The client goes on at once; nobody hears the answer.
    Async,
    /// The same, when there is little else to do.
    AsyncLowPriority,
}

/// What became of an event that was run by its name.
#[derive(Debug)]
pub struct Dispatched {
    /// The answer, none if it is `()` or if nobody waited for one; or the error.
    pub outcome: Result<Option<Json>>,
    /// Headers and status that handlers chose.
    pub response: ResponseParts,
}

/// The custom events that somebody answers, by name.
pub(crate) type CustomEvents = BTreeMap<&'static str, Door>;

/// How to run one custom event by its name.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    /// Who answers it.
    pub(crate) meta: Meta,
    access: CallableBy,
    run: fn(Map<String, Json>) -> Result<Run>,
}

/// An event whose arguments fit, to be run for a request that was counted in.
type Run =
    Box<dyn FnOnce(Engine, Admitted, ClientRequest) -> BoxFuture<'static, Dispatched> + Send>;

impl Door {
    pub(crate) fn of<E: CustomEvent>(meta: Meta) -> Self {
        Self {
            meta,
            access: E::ACCESS,
            run: read::<E>,
        }
    }
}

fn read<E: CustomEvent>(arguments: Map<String, Json>) -> Result<Run> {
    let event: E = serde_json::from_value(Json::Object(arguments)).map_err(|error| {
        let message = format!("the arguments of the event {} do not fit: {error}", E::NAME);
        Error::new(ErrorCode::InvalidParameter, message)
    })?;
    Ok(Box::new(|engine, admitted, request| {
        run_by_name(engine, admitted, request, event).boxed()
    }))
}

async fn run_by_name<E: CustomEvent>(
    engine: Engine,
    admitted: Admitted,
    request: ClientRequest,
    event: E,
) -> Dispatched {
    let run = engine.inner.run_admitted(admitted, request, event, None);
    let Reply { outcome, response } = run.await;
    let outcome = match outcome {
        Ok(_) if TypeId::of::<E::Output>() == TypeId::of::<()>() => Ok(None),
        Ok(output) => written::<E>(&output).map(Some),
        Err(error) => Err(error),
    };
    Dispatched { outcome, response }
}

/// The answer as JSON. The call is over, so nobody else tells the operator that this went wrong.
fn written<E: CustomEvent>(output: &E::Output) -> Result<Json> {
    serde_json::to_value(output).map_err(|error| {
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
        match self.begin(request, name, arguments, execution) {
            Ok(Begun::Waiting(run)) => run.await,
            Ok(Begun::Later) => Dispatched::started(),
            Err(error) => Dispatched::failed(error),
        }
    }

    fn begin(
        &self,
        request: ClientRequest,
        name: &str,
        arguments: Map<String, Json>,
        execution: Execution,
    ) -> Result<Begun> {
        let inner = &self.inner;
        let Some(door) = inner.registry.custom_event(name) else {
            return Err(not_found(name));
        };
        let admitted = inner.admission()?;
        let permitted = || {
            let call = inner.reader(request.clone())?;
            permit_event(inner, &call, name, door.access)
        };
        let run = match (door.run)(arguments) {
            Ok(run) => run,
            // Whoever may not run it is not told what it takes.
            Err(unfit) => return Err(permitted().err().unwrap_or(unfit)),
        };
        let lane = match execution {
            Execution::Async => Lane::Events,
            Execution::AsyncLowPriority => Lane::LowPriority,
            Execution::Sync => return Ok(Begun::Waiting(run(self.clone(), admitted, request))),
        };
        // Who may not run it hears so at once, and takes nobody's place; observers hear of it, too.
        if permitted().is_err() {
            return Ok(Begun::Waiting(run(self.clone(), admitted, request)));
        }
        let place = inner.later.place(lane)?;
        let run = run(self.clone(), admitted, request);
        let run = async move {
            let turn = place.turn().await;
            // Errors that nobody meant were logged by the call itself.
            drop(run.await);
            drop(turn);
        };
        tokio::spawn(run.in_current_span());
        Ok(Begun::Later)
    }
}

/// What became of an event so far.
enum Begun {
    Waiting(BoxFuture<'static, Dispatched>),
    Later,
}

impl Dispatched {
    fn failed(error: Error) -> Self {
        Self {
            outcome: Err(error),
            response: ResponseParts::default(),
        }
    }

    fn started() -> Self {
        Self {
            outcome: Ok(None),
            response: ResponseParts::default(),
        }
    }
}
