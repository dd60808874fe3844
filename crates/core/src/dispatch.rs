use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::oneshot;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::Instrument;
use vestibule_model::{Actor, ErrorCode, UserStatus};

use crate::{
    Error, Result,
    call::{Call, Caller},
    context::Context,
    custom_roles::CustomRoles,
    engine::{EngineInner, Reply},
    event::Operation,
    guard::panicked,
    nesting::Nesting,
    pipeline::{Handlers, run},
    registry::Chain,
    request::ClientRequest,
    response::ResponseParts,
    sessions::SessionProof,
};

/// Calls that may run at once. A client that starts calls and hangs up does not end them.
const CALLS_AT_MOST: usize = 10_000;

/// A call that was counted in: the storage is not closed before it is dropped.
pub(crate) type Admitted = TaskTrackerToken;

impl EngineInner {
    /// Runs an event for a request from outside. Private: what may come here is decided by the
    /// bounds of `submit` and of the CodeRunner.
    pub(crate) async fn dispatch_request<E: Operation>(
        self: &Arc<Self>,
        request: ClientRequest,
        event: E,
        actor: Option<Actor>,
    ) -> Reply<E> {
        match self.admission() {
            Ok(admitted) => self.run_admitted(admitted, request, event, actor).await,
            Err(error) => refused(error),
        }
    }

    /// Runs an event for a request that was counted in.
    pub(crate) async fn run_admitted<E: Operation>(
        self: &Arc<Self>,
        admitted: Admitted,
        request: ClientRequest,
        event: E,
        actor: Option<Actor>,
    ) -> Reply<E> {
        if !E::ALLOWED_WHEN_DISABLED
            && let Err(error) = refuse_disabled(&request)
        {
            return refused(error);
        }
        let explanation = request.explanation.clone();
        let call = self.call(request);
        // A session may expire while a call of it runs; its guest stays until the call has ended.
        let held = call.caller.is_guest().then(|| call.caller.id());
        let held = held.flatten().map(|id| self.guests.at_work.hold(id));
        let nesting = Nesting::outermost(&event).explained_by(explanation);
        let context = Context::new(Arc::clone(self), call, nesting, actor);
        let run = run(event, context, Handlers::All);
        let call = async move {
            let (outcome, ctx) = run.await;
            drop((held, admitted));
            Reply {
                outcome,
                response: ctx.response().parts(),
            }
        };
        let chain = self.registry.chain::<E>();
        if E::ONLY_READS && !chain.is_some_and(Chain::has_a_say) {
            let ended = AssertUnwindSafe(call).catch_unwind().await;
            return ended.unwrap_or_else(|panic| {
                without_outcome(Error::internal(format!("{:?}", panicked(&*panic))))
            });
        }
        let (answer, reply) = oneshot::channel();
        // In a box, so that the task of it is the same for every event.
        let call: BoxFuture<'static, ()> = Box::pin(async move {
            // Nobody waits if the client has gone.
            let _ = answer.send(call.await);
        });
        // The task logs inside the span of its request.
        tokio::spawn(call.in_current_span());
        let ended = reply.await;
        ended.unwrap_or_else(|_| without_outcome(Error::internal("the task of a call panicked")))
    }

    /// Counts a call from outside in, if there is room for it.
    ///
    /// # Errors
    /// 503 if the engine is closing, or if too many calls are running.
    pub(crate) fn admission(&self) -> Result<Admitted> {
        let Some(admitted) = self.admit() else {
            return Err(Error::unavailable("the server is going down"));
        };
        if self.calls.len() > CALLS_AT_MOST {
            return Err(Error::unavailable("too many calls are running"));
        }
        Ok(admitted)
    }

    /// Counts a call in, unless the engine is closing: a call that was counted in is finished
    /// before the storage closes.
    pub(crate) fn admit(&self) -> Option<Admitted> {
        // First the token, then the look: whoever closes in between waits for the token.
        let token = self.calls.token();
        (!self.calls.is_closed()).then_some(token)
    }

    /// The call of a request that only reads.
    pub(crate) fn reader(&self, request: ClientRequest) -> Result<Call> {
        refuse_disabled(&request)?;
        Ok(self.call(request))
    }

    /// The call that a request makes. Whoever comes with a session uses it by this.
    pub(crate) fn call(&self, request: ClientRequest) -> Call {
        let caller = match &request.session {
            None => Caller::Anonymous,
            Some(SessionProof { live }) => {
                self.sessions.touch(live);
                let guest = live.status == UserStatus::Guest;
                Caller::User {
                    id: live.user_id.clone(),
                    guest,
                }
            }
        };
        let key = request.key.kind();
        let custom_roles = match &request.session {
            Some(SessionProof { live }) => live.roles.clone(),
            None => CustomRoles::default(),
        };
        Call {
            custom_roles,
            roles: caller.roles(key),
            owner: caller.id().cloned(),
            caller,
            key: Some(key),
            address: request.address,
            headers: request.headers,
            request_id: request.request_id,
            session: request.session.map(|proof| proof.live.selector),
        }
    }
}

/// The defect of a call that did not come to its end.
fn without_outcome<E: Operation>(error: Error) -> Reply<E> {
    let log = error.log();
    tracing::error!(
        event.name = E::NAME,
        error = log,
        "a call ended without an outcome"
    );
    refused(error)
}

fn refused<E: Operation>(error: Error) -> Reply<E> {
    Reply {
        outcome: Err(error),
        response: ResponseParts::default(),
    }
}

/// A disabled user keeps the session and may do nothing with it, but for logging out.
pub(crate) fn refuse_disabled(request: &ClientRequest) -> Result<()> {
    match &request.session {
        Some(SessionProof { live }) if live.status == UserStatus::Disabled => Err(Error::new(
            ErrorCode::AccountDisabled,
            "this account is disabled",
        )),
        _ => Ok(()),
    }
}
