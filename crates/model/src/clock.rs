use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::Timestamp;

/// How long a clock has been running: never jumps, never runs backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Monotonic(Duration);

impl Monotonic {
    /// The moment `elapsed` after the clock started.
    pub const fn from_start(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// Time since the clock started.
    pub const fn elapsed(self) -> Duration {
        self.0
    }

    /// This moment and `duration` more.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// How long ago `earlier` was; nothing if it lies in the future.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// A wait that ends when the clock says so.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A way to learn the time and to wait. There are two: the system's, and one you move by hand.
///
/// Deadlines, expiry, flushes and retries wait on this trait and on nothing else; that is what
/// makes "an hour later" one line in a test.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock. It may jump.
    fn now(&self) -> Timestamp;

    /// Time since the clock started. It never jumps.
    fn monotonic(&self) -> Monotonic;

    /// Ends as soon as [`monotonic`](Clock::monotonic) has reached `at`.
    fn sleep_until(&self, at: Monotonic) -> Sleep;
}

/// The clock of a running server; waits need a tokio runtime with its timer enabled.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts counting now.
    #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::default().plus(since_1970)
    }

    fn monotonic(&self) -> Monotonic {
        Monotonic(self.start.elapsed())
    }

    fn sleep_until(&self, at: Monotonic) -> Sleep {
        // Outside of tokio's budget: a task that is always ready for something else would use the
        // budget up, and its deadline would never be seen to have passed.
        let sleep = tokio::time::sleep_until((self.start + at.0).into());
        Box::pin(tokio::task::unconstrained(sleep))
    }
}

/// A clock that stands still until a test moves it.
///
/// ```
/// use std::time::Duration;
/// use vestibule_model::{Clock, ManualClock, Timestamp};
///
/// let clock = ManualClock::at(Timestamp::from_millis(0));
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(Timestamp::from_millis(60_000), clock.now());
/// ```
///
/// Clones share the time. A wait on it never ends by itself: a test that forgets to
/// [`advance`](ManualClock::advance) hangs.
#[derive(Clone)]
pub struct ManualClock {
    state: Arc<Mutex<ManualState>>,
}

struct ManualState {
    now: Timestamp,
    monotonic: Monotonic,
    next_sleeper: u64,
    sleepers: BTreeMap<(Monotonic, u64), Waker>,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        let state = ManualState {
            now,
            monotonic: Monotonic::default(),
            next_sleeper: 0,
            sleepers: BTreeMap::new(),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Lets `duration` pass and wakes whoever waited for it.
    pub fn advance(&self, duration: Duration) {
        let due = {
            let mut state = self.lock();
            state.now = state.now.plus(duration);
            state.monotonic = state.monotonic.plus(duration);
            let reached = state.monotonic;
            let later = state.sleepers.split_off(&(reached, u64::MAX));
            std::mem::replace(&mut state.sleepers, later)
        };
        due.into_values().for_each(Waker::wake);
    }

    /// Sets the wall clock, as an operator or a time server would; no time passes.
    pub fn jump_to(&self, now: Timestamp) {
        self.lock().now = now;
    }

    /// The next moment somebody waits for, if anybody does.
    pub fn next_wake(&self) -> Option<Monotonic> {
        self.lock().sleepers.keys().next().map(|(at, _)| *at)
    }

    fn lock(&self) -> MutexGuard<'_, ManualState> {
        // Nothing in here can panic half-way, so the state of a poisoned lock is sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("ManualClock")
            .field("now", &state.now)
            .field("monotonic", &state.monotonic)
            .finish_non_exhaustive()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    fn monotonic(&self) -> Monotonic {
        self.lock().monotonic
    }

    fn sleep_until(&self, at: Monotonic) -> Sleep {
        let mut state = self.lock();
        let id = state.next_sleeper;
        state.next_sleeper += 1;
        Box::pin(ManualSleep {
            clock: self.clone(),
            key: (at, id),
        })
    }
}

struct ManualSleep {
    clock: ManualClock,
    key: (Monotonic, u64),
}

impl Future for ManualSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.lock();
        if state.monotonic >= self.key.0 {
            return Poll::Ready(());
        }
        state.sleepers.insert(self.key, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for ManualSleep {
    fn drop(&mut self) {
        let waker = self.clock.lock().sleepers.remove(&self.key);
        drop(waker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(sleep: &mut Sleep) -> Poll<()> {
        sleep.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_wait_ends_when_the_hand_has_passed_it() {
        let clock = ManualClock::at(Timestamp::default());
        let mut sleep = clock.sleep_until(clock.monotonic().plus(Duration::from_secs(5)));
        assert!(poll(&mut sleep).is_pending());
        clock.advance(Duration::from_secs(4));
        assert!(poll(&mut sleep).is_pending());
        clock.advance(Duration::from_secs(1));
        assert!(poll(&mut sleep).is_ready());
    }

    #[tokio::test]
    async fn a_wait_ends_for_a_task_that_has_used_up_its_turn() {
        let clock = SystemClock::start();
        let mut over = clock.sleep_until(clock.monotonic());
        std::future::poll_fn(|cx| {
            while tokio::task::coop::has_budget_remaining() {
                if let Poll::Ready(turn) = tokio::task::coop::poll_proceed(cx) {
                    turn.made_progress();
                }
            }
            over.as_mut().poll(cx)
        })
        .await;
        assert!(
            !tokio::task::coop::has_budget_remaining(),
            "it ended in the same turn"
        );
    }

    #[test]
    fn a_jump_of_the_wall_clock_ends_no_wait() {
        let clock = ManualClock::at(Timestamp::default());
        let mut sleep = clock.sleep_until(clock.monotonic().plus(Duration::from_secs(5)));
        clock.jump_to(Timestamp::from_millis(1_000_000));
        assert!(poll(&mut sleep).is_pending());
    }

    #[test]
    fn a_dropped_wait_is_forgotten() {
        let clock = ManualClock::at(Timestamp::default());
        let mut sleep = clock.sleep_until(clock.monotonic().plus(Duration::from_secs(5)));
        assert!(poll(&mut sleep).is_pending());
        assert!(clock.next_wake().is_some());
        drop(sleep);
        assert_eq!(None, clock.next_wake());
    }
}
