use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use tokio_util::task::TaskTracker;
use vestibule_model::{Clock, Randomness, Settings, Timestamp, UserStatus, Value};
use vestibule_storage::{App, Applied, Change, Storage, StorageError};

use crate::{
    Error, Result,
    call::{Call, Caller},
    call_stats::CallStats,
    code_runner::CodeRunner,
    context::{Context, ResponseParts},
    event::{ClientEvent, Operation, Outcome},
    nesting::Nesting,
    passwords::Passwords,
    pipeline,
    record::ObserverPool,
    registry::{ListedHandler, Registry},
    request::{Authentication, ClientRequest},
    sessions::{Checked, SessionMemory, SessionProof, Token},
    settings_store::SettingsStore,
    states::States,
    watchdog::Watchdog,
};

/// A running app: its storage, its sessions and its handlers, behind one door.
///
/// Whoever speaks for clients has an engine and hands it [`ClientRequest`]s with
/// [`Engine::submit`]. That door takes only what a client may ask for. Clones share the app.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<EngineInner>,
}

pub(crate) struct EngineInner {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) registry: Registry,
    pub(crate) settings: SettingsStore,
    pub(crate) sessions: SessionMemory,
    pub(crate) passwords: Passwords,
    pub(crate) observers: ObserverPool,
    pub(crate) watchdog: Watchdog,
    pub(crate) states: States,
    pub(crate) call_stats: CallStats,
    pub(crate) app: ArcSwap<App>,
    pub(crate) data_folder: PathBuf,
    pub(crate) calls: TaskTracker,
    pub(crate) closing: AtomicBool,
}

/// What a call came to, and what handlers want in the answer besides.
#[derive(Debug)]
pub struct Reply<E: crate::Event> {
    /// The output, or the error that ended the call.
    pub outcome: Outcome<E>,
    /// Headers and status that handlers chose.
    pub response: ResponseParts,
}

impl Engine {
    /// Runs what a client asks for, with all its handlers, and waits for the outcome.
    ///
    /// The call is a task of its own: when the caller goes away and drops this future, the call is
    /// finished all the same.
    pub async fn submit<E: ClientEvent>(&self, request: ClientRequest, event: E) -> Reply<E> {
        self.inner.dispatch_request(request, event).await
    }

    /// Lends the power of the CodeRunner to whoever presents its key.
    ///
    /// `None` if the key is wrong, or if no such key is configured. Keys are compared in constant
    /// time.
    pub fn code_runner(&self, presented_key: &str) -> Option<CodeRunner<'_>> {
        CodeRunner::lend(&self.inner, presented_key)
    }

    /// Says what a token that came with a request is worth.
    ///
    /// Asking does not count as using the session; [`ClientRequest::with_session`] does.
    ///
    /// # Errors
    /// Fails when the token must be looked up and the database does not answer.
    pub async fn authenticate(&self, token: &str) -> Result<Authentication> {
        let Some(token) = Token::parse(token) else {
            return Ok(Authentication::Dead);
        };
        let inner = &self.inner;
        let settings = inner.settings.current();
        let checked = inner
            .sessions
            .check(&token, &settings.sessions, &*inner.storage)
            .await?;
        Ok(match checked {
            Checked::Dead => Authentication::Dead,
            Checked::Live(live) if live.status == UserStatus::Disabled => {
                Authentication::Disabled(SessionProof { live })
            }
            Checked::Live(live) => Authentication::Live(SessionProof { live }),
        })
    }

    /// The wall clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The clock that everything in this engine waits on.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Where the ids and tokens of this engine come from.
    pub fn randomness(&self) -> &Arc<dyn Randomness> {
        &self.inner.randomness
    }

    /// The app's settings as they stand now.
    pub fn settings(&self) -> Arc<Settings> {
        self.inner.settings.current()
    }

    /// Changes settings by their key in the admin API: all of them or none. For the operator.
    ///
    /// # Errors
    /// Refuses unknown keys and impossible values (8008); fails when the database does not answer.
    pub async fn change_settings(&self, changes: &[(String, Value)]) -> Result<Arc<Settings>> {
        self.inner
            .settings
            .change(changes, self.now(), &*self.inner.storage)
            .await
    }

    /// Every handler in the chain of every event, in the order in which they run.
    pub fn handlers(&self) -> &[ListedHandler] {
        self.inner.registry.handlers()
    }

    /// Whether the engine takes calls and its database answers; what `/readyz` asks.
    ///
    /// # Errors
    /// Says why not.
    pub async fn check(&self) -> Result<()> {
        if self.inner.closing.load(Ordering::Acquire) {
            return Err(Error::unavailable("the server is going down"));
        }
        Ok(self.inner.storage.check().await?)
    }

    /// Ends when every observer of a call that was answered has seen it.
    ///
    /// Observers run beside the calls that they observe; this is for tests that want to know what
    /// they did.
    pub async fn observed(&self) {
        self.inner.observers.idle().await;
    }

    /// Writes down the last uses of sessions now, rather than in a few seconds.
    ///
    /// # Errors
    /// Fails when the database does not answer; nothing is lost then, and the next flush tries
    /// again.
    pub async fn flush_activity(&self) -> Result<()> {
        Ok(self.inner.flush_activity().await?)
    }

    /// Takes no more calls, finishes those that run with their observers, writes everything down
    /// and closes the storage.
    pub async fn shut_down(&self) {
        self.inner.closing.store(true, Ordering::Release);
        self.inner.calls.close();
        self.inner.calls.wait().await;
        self.inner.observers.drain().await;
        if let Err(error) = self.inner.flush_activity().await {
            let error = Error::from(error);
            tracing::warn!(
                error = error.log(),
                "the last seconds of activity were not stored"
            );
        }
        self.inner.storage.close().await;
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("registry", &self.inner.registry)
            .finish_non_exhaustive()
    }
}

impl EngineInner {
    /// Runs an event for a request from outside. Private: what may come here is decided by the
    /// bounds of `submit` and of the CodeRunner.
    pub(crate) async fn dispatch_request<E: Operation>(
        self: &Arc<Self>,
        request: ClientRequest,
        event: E,
    ) -> Reply<E> {
        let nobody = ResponseParts::default();
        if self.closing.load(Ordering::Acquire) {
            let error = Error::unavailable("the server is going down");
            return Reply {
                outcome: Err(error),
                response: nobody,
            };
        }
        let call = self.call(request);
        let context = Context::new(Arc::clone(self), call, Nesting::outermost(E::NAME), None);
        match self.calls.spawn(pipeline::run(event, context)).await {
            Ok((outcome, ctx)) => Reply {
                outcome,
                response: ctx.response().parts(),
            },
            Err(error) => Reply {
                outcome: Err(error.into()),
                response: nobody,
            },
        }
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
        Call {
            roles: caller.roles(key),
            caller,
            key: Some(key),
            address: request.address,
            headers: request.headers,
            request_id: request.request_id,
            session: request.session.map(|proof| proof.live.selector),
        }
    }

    /// Makes changes, and makes memory forget the sessions that they end.
    pub(crate) async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StorageError> {
        if changes.is_empty() {
            return Ok(Applied::default());
        }
        let ended: Vec<_> = changes
            .iter()
            .filter_map(|change| match change {
                Change::EndSessions(selectors) => Some(selectors.as_slice()),
                _ => None,
            })
            .flatten()
            .copied()
            .collect();
        let applied = self.storage.apply(changes).await?;
        if !ended.is_empty() {
            self.sessions.forget(&ended);
        }
        if !applied.ended.is_empty() {
            self.sessions.forget(&applied.ended);
        }
        Ok(applied)
    }

    pub(crate) async fn flush_activity(&self) -> Result<(), StorageError> {
        let changes = self.sessions.take_unsaved();
        let result = self.storage.apply(changes.clone()).await;
        if result.is_err() {
            self.sessions.put_back_unsaved(changes);
        }
        result.map(|_| ())
    }
}
