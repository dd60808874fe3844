//! Waits for a database that is elsewhere. The engine's clock has no say in them: a test that moves it
//! by an hour does not make a network faster.

use std::time::Duration;

use rand::RngExt;

/// What comes of it within this time.
#[expect(clippy::disallowed_methods, reason = "only sockets wait for real time")]
pub(crate) async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(time, work).await.ok()
}

/// Waits for at most as long, and for never as long as others who wait likewise.
#[expect(clippy::disallowed_methods, reason = "only sockets wait for real time")]
pub(crate) async fn pause(at_most: Duration) {
    tokio::time::sleep(jittered(at_most)).await;
}

/// A part of this time, by chance.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing comes out differently for it, but who comes first"
)]
pub(crate) fn jittered(at_most: Duration) -> Duration {
    at_most.mul_f64(rand::rng().random())
}
