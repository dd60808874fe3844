use std::{path::PathBuf, sync::Arc};

use tokio_util::task::TaskTracker;
use vestibule_model::{Clock, Randomness, Settings, Timestamp, UserStatus, Value};
use vestibule_storage::Storage;

use crate::{
    Error, Result,
    app_store::AppStore,
    call_stats::CallStats,
    code_runner::CodeRunner,
    event::{ClientEvent, Outcome},
    follower::Follower,
    guests::GuestCare,
    handlers_for_operator::HandlerSettingsStore,
    later::Later,
    leftovers::Leftovers,
    mail::Outbox,
    passwords::Passwords,
    permissions::PermissionStore,
    record::ObserverPool,
    registry::{ListedHandler, Registry},
    request::{Authentication, ClientRequest},
    response::ResponseParts,
    sessions::{Checked, SessionMemory, SessionProof, Token},
    settings_store::SettingsStore,
    states::States,
    timers::TimerCare,
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
    pub(crate) permissions: PermissionStore,
    pub(crate) sessions: SessionMemory,
    pub(crate) passwords: Passwords,
    pub(crate) observers: ObserverPool,
    pub(crate) watchdog: Watchdog,
    pub(crate) states: States,
    pub(crate) call_stats: CallStats,
    pub(crate) app: AppStore,
    pub(crate) data_folder: PathBuf,
    pub(crate) calls: TaskTracker,
    pub(crate) leftovers: Leftovers,
    pub(crate) outbox: Outbox,
    pub(crate) guests: GuestCare,
    pub(crate) later: Later,
    pub(crate) timers: TimerCare,
    pub(crate) handler_settings: HandlerSettingsStore,
    pub(crate) follower: Follower,
    /// Whether the data is a copy that nobody will miss.
    pub(crate) is_copy: bool,
}

/// What a call came to, and what handlers want in the answer besides.
#[derive(Debug)]
pub struct Reply<E: crate::Event> {
    /// The output, or the error that ended the call.
    pub outcome: Outcome<E>,
    /// Status, headers and cookies that handlers chose.
    pub response: ResponseParts,
}

impl Engine {
    /// Runs what a client asks for, with all its handlers, and waits for the outcome.
    ///
    /// The call is a task of its own: when the caller goes away and drops this future, the call is
    /// finished all the same.
    pub async fn submit<E: ClientEvent>(&self, request: ClientRequest, event: E) -> Reply<E> {
        self.inner.dispatch_request(request, event, None).await
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
        let (inner, changes) = (Arc::clone(&self.inner), changes.to_vec());
        // A task of its own, like every call that can write: an operator who hangs up must not
        // leave the database and the memory of this server with different settings.
        let Some(calls) = self.inner.admit() else {
            return Err(Error::unavailable("the server is going down"));
        };
        let change = async move {
            let now = inner.clock.now();
            let changed = inner.settings.change(&changes, now, &*inner.storage).await;
            // How often guests are looked at may have changed.
            inner.guests.bell.notify_one();
            if let Ok(settings) = &changed {
                inner.outbox.warn_if_off(settings);
            }
            drop(calls);
            changed
        };
        tokio::spawn(change).await?
    }

    /// Every handler in the chain of every event, switched off or not, in the order in which they run
    /// now.
    pub fn handlers(&self) -> Vec<ListedHandler> {
        self.inner.registry.handlers()
    }

    /// Whether the engine takes calls and its database answers; what `/readyz` asks.
    ///
    /// # Errors
    /// Says why not.
    pub async fn check(&self) -> Result<()> {
        if self.inner.calls.is_closed() {
            return Err(Error::unavailable("the server is going down"));
        }
        Ok(self.inner.storage.check().await?)
    }

    /// The state of this type that handlers share; one per type and engine.
    pub fn state<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.inner.states.get()
    }

    /// Ends when every observer of a call that was answered has seen it.
    ///
    /// Observers run beside the calls that they observe; this is for tests that want to know what
    /// they did.
    pub async fn observed(&self) {
        self.inner.observers.idle().await;
    }

    /// Ends when no mail is on its way.
    ///
    /// A registration does not wait for the mail that asks to confirm its address; this is for tests
    /// that want to read it.
    pub async fn mailed(&self) {
        self.inner.outbox.idle().await;
    }

    /// Ends when every effect and every event that nobody waits for has run.
    ///
    /// This is for tests that want to know what they did.
    pub async fn settled(&self) {
        self.inner.later.idle().await;
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
        self.inner.calls.close();
        self.inner.timers.close().await;
        self.inner.calls.wait().await;
        self.inner.swept().await;
        self.inner.observers.drain().await;
        self.inner.outbox.drain().await;
        self.inner.clear_up().await;
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
