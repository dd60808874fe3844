use std::sync::Arc;

use tempfile::TempDir;
use vestibule_core::{
    AppConfig, Engine, Handler, HandlerConfig, Mailer, Registration, TableDeclaration,
};
use vestibule_model::{Clock, KeyKind, ManualClock, Profile, SeededRandomness, Timestamp, Value};
use vestibule_storage::Storage;
use vestibule_storage_sqlite::{Durability, Sqlite, SqliteOptions};

use crate::{
    calls::CountedCalls, client, kit::TestKit, mails::KeptMails, neighbours::Neighbourhood,
    unreliable::Unreliable,
};

/// The day on which every test begins: 2026-01-01 00:00 UTC.
const BEGINNING: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// Says what a [`TestKit`] is made of.
#[derive(Clone, Debug)]
pub struct TestKitBuilder {
    handlers: Handlers,
    declarations: Vec<TableDeclaration>,
    config: HandlerConfig,
    profile: Profile,
    settings: Vec<(String, Value)>,
    seed: u64,
    mail: bool,
    neighbours: bool,
}

/// The handlers that run.
#[derive(Clone)]
struct Handlers {
    named: Vec<Registration>,
    collected: bool,
}

impl std::fmt::Debug for Handlers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handlers")
            .field("collected", &self.collected)
            .finish_non_exhaustive()
    }
}

impl TestKitBuilder {
    pub(crate) fn new(collected: bool) -> Self {
        Self {
            handlers: Handlers {
                named: Vec::new(),
                collected,
            },
            declarations: Vec::new(),
            config: HandlerConfig::default(),
            profile: Profile::Strict,
            // A test that makes four hundred guests in a standing minute means to.
            settings: vec![("guests.perAddressPerMinute".to_owned(), Value::from(0))],
            seed: 1,
            mail: true,
            neighbours: false,
        }
    }

    /// Runs this handler as well.
    pub fn and<H: Handler>(mut self) -> Self {
        self.handlers.named.push(H::REGISTRATION);
        self
    }

    /// Writes down what observers see of each call, for [`TestKit::recording`].
    pub fn recorded(self) -> Self {
        self.and::<crate::recording::record>()
    }

    /// Starts with these tables, as `table!` declares them.
    pub fn schema(mut self, declarations: &[TableDeclaration]) -> Self {
        self.declarations.extend(declarations);
        self
    }

    /// Starts with the settings of this profile; [`Profile::Strict`] unless told otherwise.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Starts with this setting, by its key in the admin API: `sessions.inactivityTimeoutSeconds`.
    pub fn setting(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.settings.push((key.to_owned(), value.into()));
        self
    }

    /// Disables, reorders and expects handlers, as the server's configuration would.
    pub fn handler_config(mut self, config: HandlerConfig) -> Self {
        self.config = config;
        self
    }

    /// Makes other ids and tokens than the other tests do.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Starts without a mailer, as a server does on which mail is not configured.
    pub fn without_mail(mut self) -> Self {
        self.mail = false;
        self
    }

    /// Starts as one of several servers on one database; the others come with
    /// [`TestKit::neighbour`].
    pub fn with_neighbours(mut self) -> Self {
        self.neighbours = true;
        self
    }

    /// Runs this handler as well.
    pub(crate) fn register(&mut self, registration: Registration) {
        self.handlers.named.push(registration);
    }

    /// Runs these handlers with these numbers, rather than with their own.
    pub(crate) fn renumber(&mut self, numbers: Vec<(String, i32)>) {
        self.config.order.extend(numbers);
    }

    pub(crate) fn chosen_seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn reseed(&mut self) {
        self.seed = self.seed.wrapping_mul(31).wrapping_add(1);
    }

    /// Starts the app.
    ///
    /// # Panics
    /// Fails the test when the app cannot start, and says why.
    pub async fn start(self) -> TestKit {
        let folder = TempDir::with_prefix("vestibule-testkit-").expect("a temporary folder");
        let settings = self.settings.clone();
        let kit = self.start_in(folder, ManualClock::at(BEGINNING)).await;
        if let Err(error) = kit.engine.change_settings(&settings).await {
            panic!("{}", error.log());
        }
        kit
    }

    /// Starts the app on this storage instead of the kit's own, for tests that are to pass on every
    /// engine. The storage is one that nobody else uses.
    ///
    /// # Panics
    /// Fails the test when the app cannot start, and says why.
    pub async fn start_on_storage(self, storage: Arc<dyn Storage>) -> TestKit {
        let folder = TempDir::with_prefix("vestibule-testkit-").expect("a temporary folder");
        let settings = self.settings.clone();
        let clock = ManualClock::at(BEGINNING);
        let kit = self.start_on(folder.into(), clock, storage, None).await;
        if let Err(error) = kit.engine.change_settings(&settings).await {
            panic!("{}", error.log());
        }
        kit
    }

    /// Starts the app on the data in this folder; what is stored there stays as it is.
    pub(crate) async fn start_in(
        self,
        folder: impl Into<Arc<TempDir>>,
        clock: ManualClock,
    ) -> TestKit {
        let folder = folder.into();
        let options = SqliteOptions {
            durability: Durability::Off,
            ..SqliteOptions::in_folder(folder.path())
        };
        let storage: Arc<dyn Storage> =
            Arc::new(Sqlite::open(options).unwrap_or_else(|error| panic!("{error}")));
        let neighbourhood = self
            .neighbours
            .then(|| Neighbourhood::of(Arc::clone(&storage)));
        self.start_on(folder, clock, storage, neighbourhood).await
    }

    /// Starts the app on this storage, and in this neighbourhood, if it is in one.
    pub(crate) async fn start_on(
        self,
        folder: Arc<TempDir>,
        clock: ManualClock,
        storage: Arc<dyn Storage>,
        neighbourhood: Option<Neighbourhood>,
    ) -> TestKit {
        let recipe = self.clone();
        let home = neighbourhood.map(|neighbourhood| {
            let neighbour = neighbourhood.server(&clock);
            (neighbourhood, neighbour)
        });
        let below: Arc<dyn Storage> = match &home {
            Some((_, neighbour)) => Arc::clone(neighbour) as _,
            None => Arc::clone(&storage),
        };
        let unreliable = Arc::new(Unreliable::new(below));
        let keys = KeyKind::ALL.map(|kind| (kind, client::key(kind)));
        let app = AppConfig {
            id: Some(client::APP_ID.to_owned()),
            keys: keys.to_vec(),
            admin_token: Some("testkit-admin-token".to_owned()),
            profile: self.profile,
        };
        let mails = Arc::new(KeptMails::default());
        let shared_clock: Arc<dyn Clock> = Arc::new(clock.clone());
        let mut builder = Engine::builder(Arc::clone(&unreliable) as _)
            .clock(shared_clock)
            .randomness(Arc::new(SeededRandomness::new(self.seed)))
            .data_folder(folder.path())
            .handler_config(self.config)
            .schema(&self.declarations)
            .app(app);
        if self.mail {
            let mailer: Arc<dyn Mailer> = Arc::clone(&mails) as _;
            builder = builder.mailer(mailer);
        }
        for registration in self.handlers.named {
            builder = builder.registration(registration);
        }
        if self.handlers.collected {
            builder = builder.collected();
        }
        let started = builder.start().await;
        let (engine, _) = started.unwrap_or_else(|error| panic!("{}", error.log()));
        let calls = CountedCalls::default();
        TestKit {
            engine,
            storage,
            unreliable,
            clock,
            calls,
            mails,
            is_abandoned: false,
            folder: Some(folder),
            home,
            recipe,
        }
    }
}
