//! Running what an app offers under a name of its own, for clients: custom events and API services.

use futures::{FutureExt, future::BoxFuture};
use serde_json::Value as Json;
use tracing::Instrument;

use crate::{
    Error, Result,
    call::Call,
    dispatch::Admitted,
    engine::{Engine, Reply},
    event::Operation,
    later::Lane,
    request::ClientRequest,
    response::ResponseParts,
};

/// How a client wants an event or a service run.
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

/// What became of something that was run by its name.
#[derive(Debug)]
pub struct Dispatched {
    /// The answer, none if it is the `()` of a custom event or if nobody waited for one; or the error.
    pub outcome: Result<Option<Json>>,
    /// Status, headers and cookies that handlers chose.
    pub response: ResponseParts,
}

/// Something whose arguments fit, to be run for a request that was counted in.
pub(crate) type Run =
    Box<dyn FnOnce(Engine, Admitted, ClientRequest) -> BoxFuture<'static, Dispatched> + Send>;

/// Runs this event, whose output as JSON is told by `write`.
pub(crate) fn run_of<E: Operation>(event: E, write: fn(E::Output) -> Result<Option<Json>>) -> Run {
    Box::new(move |engine, admitted, request| {
        let run = async move {
            let run = engine.inner.run_admitted(admitted, request, event, None);
            let Reply { outcome, response } = run.await;
            let outcome = outcome.and_then(write);
            Dispatched { outcome, response }
        };
        run.boxed()
    })
}

impl Engine {
    /// Runs what a client asks for. `read` makes sense of its arguments, `permit` says whether such a
    /// caller may run it at all.
    ///
    /// Who does not wait hears at once what can be told at once: that it may not be run, that the
    /// arguments do not fit, that there is no room for it. While it waits for its turn, it has the name
    /// `name`.
    pub(crate) async fn execute(
        &self,
        name: &str,
        request: ClientRequest,
        execution: Execution,
        permit: impl Fn(&Call) -> Result<()> + Send,
        read: impl FnOnce() -> Result<Run> + Send,
    ) -> Dispatched {
        match self.begin(name, request, execution, permit, read) {
            Ok(Begun::Waiting(run)) => run.await,
            Ok(Begun::Later) => Dispatched::started(),
            Err(error) => Dispatched::failed(error),
        }
    }

    fn begin(
        &self,
        name: &str,
        request: ClientRequest,
        execution: Execution,
        permit: impl Fn(&Call) -> Result<()>,
        read: impl FnOnce() -> Result<Run>,
    ) -> Result<Begun> {
        let inner = &self.inner;
        let admitted = inner.admission()?;
        let permitted = || permit(&inner.reader(request.clone())?);
        let run = match read() {
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
        let place = inner.later.place(lane, name)?;
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

/// What became of it so far.
enum Begun {
    Waiting(BoxFuture<'static, Dispatched>),
    Later,
}

impl Dispatched {
    pub(crate) fn failed(error: Error) -> Self {
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
