use std::{
    path::PathBuf,
    sync::{Arc, Weak},
    thread,
};

use tokio_util::task::TaskTracker;
use vestibule_model::{Clock, Randomness, Settings, SystemClock, SystemRandomness};
use vestibule_storage::{Change, Storage};

use crate::{
    Error, Result,
    app_store::AppStore,
    call_stats::CallStats,
    engine::{Engine, EngineInner},
    first_start::{AppConfig, Prepared, prepare},
    follower::{Follower, follow_others},
    guests::{GuestCare, sweep_until_closed},
    handler::Handler,
    handlers_for_operator::HandlerSettingsStore,
    later::Later,
    leftovers::Leftovers,
    mail::{Mailer, Outbox},
    passwords::Passwords,
    permissions::PermissionStore,
    record::ObserverPool,
    registration::Registration,
    registry::{HandlerConfig, Registry},
    schema::{self, SchemaPlan, TableDeclaration},
    sessions::{ActivityClock, SessionMemory, flush_interval},
    settings_store::SettingsStore,
    states::States,
    timers::{self, TimerCare},
    watchdog::Watchdog,
};

/// Flushes between two searches for expired sessions in memory.
const FLUSHES_PER_EVICTION: u32 = 12;

/// Puts an [`Engine`] together.
///
/// This is the second door for handlers: [`handler`](EngineBuilder::handler) names one, for tests
/// and for platforms without constructors. The first is `inventory`, which
/// [`collected`](EngineBuilder::collected) asks.
pub struct EngineBuilder {
    storage: Arc<dyn Storage>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    named: Vec<Registration>,
    declarations: Vec<TableDeclaration>,
    collected: bool,
    handlers: HandlerConfig,
    app: AppConfig,
    data_folder: PathBuf,
    password_threads: usize,
    cleanup: bool,
    timers: bool,
    is_copy: bool,
    mailer: Option<Arc<dyn Mailer>>,
    public_url: String,
}

impl Engine {
    /// Begins to put an engine together on this storage.
    pub fn builder(storage: Arc<dyn Storage>) -> EngineBuilder {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        EngineBuilder {
            storage,
            clock: Arc::new(SystemClock::start()),
            randomness: Arc::new(SystemRandomness),
            named: Vec::new(),
            declarations: Vec::new(),
            collected: false,
            handlers: HandlerConfig::default(),
            app: AppConfig::default(),
            data_folder: PathBuf::from("."),
            // One core is left for everybody who brings no password.
            password_threads: (cores - 1).max(1),
            cleanup: true,
            timers: true,
            is_copy: false,
            mailer: None,
            public_url: "http://localhost:9000".to_owned(),
        }
    }
}

impl EngineBuilder {
    /// Waits on this clock instead of the system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Takes ids and tokens from this source instead of the system's.
    pub fn randomness(mut self, randomness: Arc<dyn Randomness>) -> Self {
        self.randomness = randomness;
        self
    }

    /// Adds one handler by its name.
    pub fn handler<H: Handler>(mut self) -> Self {
        self.named.push(H::REGISTRATION);
        self
    }

    /// Adds a handler by its registration.
    pub fn registration(mut self, registration: Registration) -> Self {
        self.named.push(registration);
        self
    }

    /// Asks for these tables and columns, as `table!` declares them; what is missing is made at the
    /// start.
    pub fn schema(mut self, declarations: &[TableDeclaration]) -> Self {
        self.declarations.extend(declarations);
        self
    }

    /// Adds every handler and every declared table that is linked into this program.
    pub fn collected(mut self) -> Self {
        self.collected = true;
        self
    }

    /// Disables, reorders and expects handlers.
    pub fn handler_config(mut self, handlers: HandlerConfig) -> Self {
        self.handlers = handlers;
        self
    }

    /// Says which app id, keys and settings to start with.
    pub fn app(mut self, app: AppConfig) -> Self {
        self.app = app;
        self
    }

    /// The folder in which handlers may keep files; the current one unless told otherwise.
    pub fn data_folder(mut self, data_folder: impl Into<PathBuf>) -> Self {
        self.data_folder = data_folder.into();
        self
    }

    /// Sends mails by this; without one there are none: no password can be restored, and nobody is asked
    /// to confirm an email address.
    pub fn mailer(mut self, mailer: Arc<dyn Mailer>) -> Self {
        self.mailer = Some(mailer);
        self
    }

    /// What links in mails begin with: how users reach this server. `http://localhost:9000` unless told
    /// otherwise.
    pub fn public_url(mut self, public_url: impl Into<String>) -> Self {
        self.public_url = public_url.into();
        self
    }

    /// Does not remove guests by itself, whatever the settings say: for programs that run for a moment
    /// only.
    pub fn without_cleanup(mut self) -> Self {
        self.cleanup = false;
        self
    }

    /// Neither schedules timers nor runs them at their ticks: for programs that run for a moment only.
    pub fn without_timers(mut self) -> Self {
        self.timers = false;
        self
    }

    /// Runs on a copy of an app's data that nobody will miss: neither cleans up nor runs timers by
    /// itself, and lets whoever holds the CodeRunner key rehearse the calls of any user
    /// ([`CodeRunner::session_of`](crate::CodeRunner::session_of)).
    pub fn on_a_copy(mut self) -> Self {
        self.is_copy = true;
        self.without_cleanup().without_timers()
    }

    /// Starts the engine: reads what is stored, makes what is missing, and begins to write down
    /// activity.
    ///
    /// # Errors
    /// Fails when the handlers do not fit together, when declared tables contradict each other or
    /// the database, when a handler is for a table that there is not (under a dynamic schema that is a
    /// line in the log, since it may come), and when the database does not answer.
    pub async fn start(self) -> Result<(Engine, Prepared)> {
        let collected = inventory::iter::<Registration>.into_iter().copied();
        let registrations = self
            .named
            .into_iter()
            .chain(collected.filter(|_| self.collected));
        let registry = Registry::of(registrations, &self.handlers)
            .map_err(|error| Error::internal(error.to_string()))?;
        let now = self.clock.now();
        let mut declarations = self.declarations;
        if self.collected {
            declarations.extend(SchemaPlan::collected());
        }
        // Before ids and tokens are made: a start that is refused here must not take the only text
        // of an admin token with it.
        schema::make(&*self.storage, &declarations, now).await?;
        let tables_may_come = has_dynamic_schema(&*self.storage, &self.app).await?;
        registry
            .check_tables(&*self.storage.catalogue().await?, tables_may_come)
            .map_err(|error| Error::internal(error.to_string()))?;
        let (app, prepared) = prepare(&*self.storage, &self.app, now, &*self.randomness).await?;
        if self.timers {
            timers::schedule_all(&*self.storage, registry.timers(), now).await?;
        }
        let settings = SettingsStore::load(&*self.storage).await?;
        let permissions = PermissionStore::load(&*self.storage, &declarations).await?;
        let of_sessions = settings.current().sessions.clone();
        let begun = ActivityClock::begin(&self.clock, &*self.storage, &of_sessions).await?;
        let (activity, start) = begun;
        if let Some(start) = start {
            self.storage.apply(vec![Change::RecordStart(start)]).await?;
        }
        let outbox = Outbox::new(
            Arc::clone(&self.storage),
            Arc::clone(&self.clock),
            Arc::clone(&self.randomness),
            self.mailer,
            &self.public_url,
        );
        outbox.warn_if_off(&settings.current());
        let inner = Arc::new(EngineInner {
            sessions: SessionMemory::new(
                Arc::clone(&self.clock),
                activity,
                self.storage.has_neighbours(),
            ),
            watchdog: Watchdog::start(Arc::clone(&self.clock), registry.paths().to_vec())?,
            storage: self.storage,
            clock: self.clock,
            randomness: self.randomness,
            settings,
            permissions,
            passwords: Passwords::new(self.password_threads),
            observers: ObserverPool::default(),
            states: States::default(),
            call_stats: CallStats::of(&registry),
            registry,
            later: Later::default(),
            app: AppStore::new(app),
            data_folder: self.data_folder,
            calls: TaskTracker::new(),
            leftovers: Leftovers::default(),
            outbox,
            guests: GuestCare::default(),
            timers: TimerCare::default(),
            handler_settings: HandlerSettingsStore::default(),
            follower: Follower::default(),
            is_copy: self.is_copy,
        });
        inner.take_up_handler_settings().await?;
        if !inner.storage.roles().await?.is_empty() {
            inner.sessions.expect_roles();
        }
        follow_others(&inner);
        tokio::spawn(keep_activity(Arc::downgrade(&inner)));
        if self.cleanup {
            tokio::spawn(sweep_until_closed(Arc::downgrade(&inner)));
        }
        if self.timers && !inner.registry.timers().is_empty() {
            timers::start(&inner);
        }
        Ok((Engine { inner }, prepared))
    }
}

impl std::fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("handlers", &self.handlers)
            .finish_non_exhaustive()
    }
}

/// Whether clients make tables by saving into them: as it is stored, or as the first start will have it.
async fn has_dynamic_schema(storage: &dyn Storage, app: &AppConfig) -> Result<bool> {
    let settings = match storage.app().await? {
        None => Settings::of(app.profile),
        Some(_) => Settings::clone(&SettingsStore::load(storage).await?.current()),
    };
    Ok(settings.schema.dynamic)
}

/// Writes down the last uses of sessions every few seconds, until the engine is gone.
async fn keep_activity(engine: Weak<EngineInner>) {
    let mut flushes = 0_u32;
    loop {
        let Some(inner) = engine.upgrade() else {
            return;
        };
        let at = inner
            .clock
            .monotonic()
            .plus(flush_interval(&inner.settings.current().sessions));
        let sleep = inner.clock.sleep_until(at);
        drop(inner);
        sleep.await;
        let Some(inner) = engine.upgrade() else {
            return;
        };
        if inner.calls.is_closed() {
            return;
        }
        inner.clear_up().await;
        if let Err(error) = inner.flush_activity().await {
            let error = Error::from(error);
            tracing::warn!(
                error = error.log(),
                "activity was not stored; trying again soon"
            );
        }
        flushes = flushes.wrapping_add(1);
        if flushes.is_multiple_of(FLUSHES_PER_EVICTION) {
            inner.sessions.evict(&inner.settings.current().sessions);
        }
    }
}
