use std::{fmt, path::Path, sync::Arc, thread, time::Duration};

use tempfile::TempDir;
use vestibule_core::{Engine, Handler, LoginAsGuest, Mail, Register};
use vestibule_model::{KeyKind, ManualClock, Value};
use vestibule_storage::Storage;

use crate::{
    builder::TestKitBuilder,
    calls::{CountedCalls, totals},
    client::TestClient,
    mails::KeptMails,
};

/// A whole app in a test. Start one with [`TestKit::with`], [`TestKit::all`] or [`TestKit::bare`].
///
/// Dropping it fails the test if a call is still running: something was left undone.
pub struct TestKit {
    pub(crate) engine: Engine,
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) clock: ManualClock,
    pub(crate) calls: CountedCalls,
    pub(crate) mails: Arc<KeptMails>,
    /// Taken by a restart only.
    pub(crate) folder: Option<TempDir>,
    pub(crate) recipe: TestKitBuilder,
}

impl TestKit {
    /// An app with this handler; [`TestKitBuilder::and`] adds further ones.
    pub fn with<H: Handler>() -> TestKitBuilder {
        TestKitBuilder::new(false).and::<H>()
    }

    /// An app with every handler and every declared table that is linked into the test.
    pub fn all() -> TestKitBuilder {
        TestKitBuilder::new(true)
    }

    /// An app without handlers.
    pub fn bare() -> TestKitBuilder {
        TestKitBuilder::new(false)
    }

    /// A client that is not logged in, with the JS key.
    pub fn anonymous(&self) -> TestClient<'_> {
        TestClient::anonymous(self, KeyKind::Js)
    }

    /// Trusted server code outside the app: a client with the CodeRunner (BL) key.
    pub fn code_runner(&self) -> TestClient<'_> {
        TestClient::anonymous(self, KeyKind::Bl)
    }

    /// A client that logged in as a guest. The calls of handlers on the way do not count.
    ///
    /// # Panics
    /// Fails the test when the login fails.
    pub async fn guest(&self) -> TestClient<'_> {
        let before = totals(&self.engine);
        let login = self.anonymous().submit(LoginAsGuest::default()).await;
        self.calls.absorb(&self.engine, &before);
        let login = login.unwrap_or_else(|error| panic!("a guest login failed: {}", error.log()));
        self.anonymous().logged_in(&login)
    }

    /// A client that registered with this email address and the password `secret`, and logged in.
    /// The calls of handlers on the way do not count.
    ///
    /// # Panics
    /// Fails the test when registration or login fails.
    pub async fn user(&self, email: &str) -> TestClient<'_> {
        self.register(email).await;
        self.log_in(email).await
    }

    /// Registers a user with this email address and the password `secret`.
    ///
    /// # Panics
    /// Fails the test when the registration fails.
    pub async fn register(&self, email: &str) {
        let newcomer = Register::with(email, crate::client::PASSWORD);
        let before = totals(&self.engine);
        let outcome = self.anonymous().submit(newcomer).await;
        self.calls.absorb(&self.engine, &before);
        if let Err(error) = outcome {
            panic!("a registration failed: {}", error.log());
        }
    }

    /// A client that logged in with this email address and the password `secret`.
    ///
    /// # Panics
    /// Fails the test when the login fails.
    pub async fn log_in(&self, email: &str) -> TestClient<'_> {
        let login = vestibule_core::Login::new(email, crate::client::PASSWORD);
        let before = totals(&self.engine);
        let outcome = self.anonymous().submit(login).await;
        self.calls.absorb(&self.engine, &before);
        let login = outcome.unwrap_or_else(|error| panic!("a login failed: {}", error.log()));
        self.anonymous().logged_in(&login)
    }

    /// The clock. It stands still until it is moved.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Lets time pass, in steps of a second at most, so that whatever waits for the time gets its
    /// turn at about the right moment.
    pub async fn advance(&self, duration: Duration) {
        let mut left = duration;
        while !left.is_zero() {
            let step = left.min(Duration::from_secs(1));
            self.clock.advance(step);
            left -= step;
            tokio::task::yield_now().await;
        }
    }

    /// Shuts the app down and starts it again on the same data, `downtime` later. Clients of the
    /// old kit are gone; keep their tokens.
    ///
    /// # Panics
    /// Fails the test when the app cannot start again.
    pub async fn restart(mut self, downtime: Duration) -> Self {
        self.engine.shut_down().await;
        let folder = self
            .folder
            .take()
            .expect("the reason: only a restart takes it away");
        let clock = ManualClock::at(self.engine.now().plus(downtime));
        let mut recipe = self.recipe.clone();
        // The ids that the first run made are taken.
        recipe.reseed();
        recipe.start_in(folder, clock).await
    }

    /// Changes a setting by its key in the admin API.
    ///
    /// # Panics
    /// Fails the test when there is no such setting, or no such value of it.
    pub async fn set(&self, key: &str, value: impl Into<Value>) {
        let changed = self
            .engine
            .change_settings(&[(key.to_owned(), value.into())])
            .await;
        if let Err(error) = changed {
            panic!("{}", error.message());
        }
    }

    /// Ends when every effect and every event that nobody waits for has run, and observers have seen
    /// it.
    ///
    /// # Panics
    /// Fails the test when that never comes: a handler that waits for its deadline needs
    /// [`advance`](TestKit::advance).
    pub async fn settled(&self) {
        crate::client::not_forever(self.engine.settled()).await;
    }

    /// The state of this type that handlers keep with `ctx.state()`, to look at what they wrote.
    pub fn state<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.engine.state()
    }

    /// The engine itself.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The mails that were sent so far, the earliest first; waits for those on their way.
    pub async fn mails(&self) -> Vec<Mail> {
        self.engine.mailed().await;
        self.mails.all()
    }

    /// Lets every mail fail from now on, or none.
    pub fn break_mail(&self, is_broken: bool) {
        self.mails.break_down(is_broken);
    }

    /// Lets every mail that is sent from now on take forever, or none.
    pub fn stall_mail(&self, is_stuck: bool) {
        self.mails.get_stuck(is_stuck);
    }

    /// How many mails have been stalled so far.
    pub fn stalled_mails(&self) -> usize {
        self.mails.stalled()
    }

    /// The storage below the engine, to look at what was stored.
    pub fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    /// The temporary folder in which the app keeps its data.
    ///
    /// # Panics
    /// Never, as long as the kit has not been taken apart.
    pub fn folder(&self) -> &Path {
        self.folder
            .as_ref()
            .map(TempDir::path)
            .expect("the reason: only a restart takes it away")
    }

    /// Fails the test unless each of these handlers ran this often since it was last asked about.
    ///
    /// # Panics
    /// Fails the test.
    #[track_caller]
    pub fn expect_calls<'a>(&self, expected: impl IntoIterator<Item = (&'a str, u64)>) {
        self.calls.expect(&self.engine, expected);
    }

    /// Fails the test if any handler ran that [`expect_calls`](TestKit::expect_calls) did not name.
    ///
    /// # Panics
    /// Fails the test.
    #[track_caller]
    pub fn expect_no_other_calls(&self) {
        self.calls.expect_no_others(&self.engine);
    }
}

impl fmt::Debug for TestKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestKit")
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

impl Drop for TestKit {
    fn drop(&mut self) {
        let running = self.engine.statistics().calls_running;
        if running > 0 && !thread::panicking() {
            panic!("{running} calls are still running at the end of the test: await them");
        }
    }
}
