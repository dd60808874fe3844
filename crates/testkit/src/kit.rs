use std::{fmt, path::Path, sync::Arc, thread, time::Duration};

use tempfile::TempDir;
use vestibule_core::{Engine, Error, Handler, LoginAsGuest, Mail, Register, Result};
use vestibule_model::{Clock, KeyKind, ManualClock, SystemClock, Value};
use vestibule_storage::Storage;

use crate::{
    builder::TestKitBuilder,
    calls::{CountedCalls, totals},
    client::TestClient,
    mails::KeptMails,
    neighbours::{Neighbour, Neighbourhood},
    outage::Outage,
    undone,
    unreliable::Unreliable,
};

/// What takes long enough to be passed in larger steps.
const HOURS: Duration = Duration::from_secs(2 * 3600);

/// How long time stands still for a timer that may be waiting for it.
const A_MOMENT: Duration = Duration::from_millis(100);

/// A whole app in a test. Start one with [`TestKit::with`], [`TestKit::all`] or [`TestKit::bare`].
///
/// Dropping it fails the test if something was left undone: a call that runs, an effect that waits, a
/// timer that runs, a mail under way, a session that a failed call opened; each is named. Await what you
/// began ([`settled`](TestKit::settled), [`mails`](TestKit::mails)), or say that you know by
/// [`abandon`](TestKit::abandon). A test that fails already is not told of it.
pub struct TestKit {
    pub(crate) engine: Engine,
    pub(crate) storage: Arc<dyn Storage>,
    /// The same, as the engine sees it.
    pub(crate) unreliable: Arc<Unreliable>,
    pub(crate) clock: ManualClock,
    pub(crate) calls: CountedCalls,
    pub(crate) mails: Arc<KeptMails>,
    /// Taken by a restart only.
    pub(crate) folder: Option<Arc<TempDir>>,
    /// Where the app is one of several servers.
    pub(crate) home: Option<(Neighbourhood, Arc<Neighbour>)>,
    pub(crate) recipe: TestKitBuilder,
    /// Whether the test knows that something is left undone.
    pub(crate) is_abandoned: bool,
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
    ///
    /// A timer that is due runs to its end before time goes on, unless it waits for the time itself. In
    /// an app with timers in which nothing runs, hours pass in larger steps, ten minutes at most, and none
    /// goes beyond a tick.
    ///
    /// # Panics
    /// Fails the test when timers that are due do not get their turn.
    pub async fn advance(&self, duration: Duration) {
        // The first ones may be looked for still: the app has just been started.
        self.let_timers_run().await;
        let mut left = duration;
        while !left.is_zero() {
            let step = left.min(self.step(left));
            let reached = self.clock.monotonic().plus(step);
            let wakes = self.clock.next_wake().is_some_and(|wake| wake <= reached);
            self.clock.advance(step);
            left -= step;
            tokio::task::yield_now().await;
            if wakes {
                self.let_timers_run().await;
            }
        }
    }

    /// How far time goes on at once.
    fn step(&self, left: Duration) -> Duration {
        let second = Duration::from_secs(1);
        match self.engine.timers_rest_until() {
            Some(until) if left >= HOURS && self.engine.statistics().calls_running == 0 => {
                until.since(self.clock.monotonic()).max(second)
            }
            _ => second,
        }
    }

    /// Lets the timers run that are due. One that waits for the time is not waited for any longer than a
    /// moment of real time, whenever somebody who waited for the time goes on.
    async fn let_timers_run(&self) {
        crate::client::not_forever(self.engine.ticks_taken()).await;
        let real = SystemClock::start();
        let moment = real.sleep_until(real.monotonic().plus(A_MOMENT));
        tokio::select! {
            biased;
            () = self.engine.timers_idle() => {}
            () = moment => {}
        }
    }

    /// Runs a timer now, by its path, and waits for its end: `kit.run_timer("shop::send_reminders")`.
    ///
    /// # Errors
    /// 8008 if there is no such timer, or if it is running; an internal error that says in its log how
    /// the run failed.
    ///
    /// # Panics
    /// Fails the test when it does not end: a timer that waits for the time needs
    /// [`advance`](TestKit::advance) beside it.
    pub async fn run_timer(&self, path: &str) -> Result<()> {
        self.engine.run_timer(path).await?;
        crate::client::not_forever(self.engine.timers_idle()).await;
        crate::client::not_forever(self.engine.observed()).await;
        let timers = self.engine.timers().await?;
        let timer = timers.into_iter().find(|timer| timer.meta.path == path);
        let last_run = timer.and_then(|timer| timer.state.last_run);
        match last_run.and_then(|run| run.error) {
            None => Ok(()),
            Some(error) => Err(Error::internal(error)),
        }
    }

    /// Shuts the app down and starts it again on the same data, `downtime` later. Clients of the
    /// old kit are gone; keep their tokens.
    ///
    /// # Panics
    /// Fails the test when the app cannot start again.
    pub async fn restart(mut self, downtime: Duration) -> Self {
        self.engine.shut_down().await;
        if let Some((neighbourhood, _)) = &self.home {
            let others = neighbourhood.open();
            assert_eq!(
                0, others,
                "shut the neighbours down first: the data is still in use"
            );
        }
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

    /// Ends the test although something is left undone, and says nothing of it.
    ///
    /// ```
    /// use vestibule::prelude::*;
    /// use vestibule_testkit::TestKit;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let kit = TestKit::bare().start().await;
    /// kit.stall_mail(true);
    /// kit.set("registration.emailConfirmationRequired", true).await;
    /// kit.register("ann@example.com").await;
    /// // The mail that asks to confirm the address never leaves: that is what this test wanted.
    /// kit.abandon();
    /// # }
    /// ```
    pub fn abandon(mut self) {
        self.is_abandoned = true;
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

    /// Lets the storage fail, besides what it fails at already: see [`Outage`].
    pub fn break_storage(&self, outage: Outage) {
        self.unreliable.break_down(outage);
    }

    /// Lets the storage do whatever it is asked; what an outage delayed is done now.
    pub fn mend_storage(&self) {
        self.unreliable.mend();
    }

    /// How often the storage failed because the test wanted it.
    pub fn storage_failures(&self) -> u64 {
        self.unreliable.failures()
    }

    /// How many reads and writes are [`delayed`](Outage::delayed) now.
    pub fn storage_delays(&self) -> u64 {
        self.unreliable.delayed()
    }

    /// The storage below the engine, to look at what was stored; it answers during an
    /// [`Outage`], too.
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
            .map(|folder| folder.path())
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
        if self.is_abandoned || thread::panicking() {
            return;
        }
        let undone = undone::undone(self);
        assert!(
            undone.is_empty(),
            "at the end of the test, something was left undone:{}\nif you know of it, say so with \
             `kit.abandon()`",
            undone
                .iter()
                .map(|line| format!("\n- {line}"))
                .collect::<String>(),
        );
    }
}
