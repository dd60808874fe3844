//! Waiting for something that other tasks do, without waiting for time to pass.

use std::time::Duration;

use vestibule_model::{Clock, SystemClock};
use vestibule_testkit::TestKit;

/// What a test waits for is there at once, but on a machine that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(60);

/// Yields until `done`; fails the test when it never comes to that.
pub(crate) async fn until(what: &str, done: impl Fn() -> bool) {
    let clock = SystemClock::start();
    while !done() {
        assert!(
            clock.monotonic().elapsed() < PATIENCE,
            "it never came to this: {what}"
        );
        tokio::task::yield_now().await;
    }
}

/// Runs a call while the clock goes on in steps of a second, for as long as any call runs.
///
/// A handler arms its deadline when it is first polled, and nobody can tell when that is; so the
/// clock goes on until the deadline has passed.
pub(crate) async fn while_time_passes<T>(kit: &TestKit, call: impl Future<Output = T>) -> T {
    let running = || kit.engine().statistics().calls_running;
    let (output, ()) = tokio::join!(call, async {
        until("the call runs", || running() > 0).await;
        while running() > 0 {
            kit.advance(Duration::from_secs(1)).await;
        }
    });
    output
}

/// Does what takes time while the clock goes on in steps of a second, as fast as it can.
pub(crate) async fn while_seconds_pass<T>(kit: &TestKit, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = kit.advance(Duration::from_secs(1)) => {}
        }
    }
}
