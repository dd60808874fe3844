use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use vestibule_model::{Clock, Monotonic, Sleep};

/// Does the work, unless the clock reaches the deadline first; then the answer is `None`.
///
/// The clock is armed only when the work is not done at the first look.
pub(crate) async fn before<T>(
    clock: &dyn Clock,
    deadline: Monotonic,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    let mut sleep: Option<Sleep> = None;
    poll_fn(|cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        let sleep = sleep.get_or_insert_with(|| clock.sleep_until(deadline));
        sleep.as_mut().poll(cx).map(|()| None)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::{future, time::Duration};

    use vestibule_model::{ManualClock, Timestamp};

    use super::*;

    #[tokio::test]
    async fn work_that_is_done_never_arms_the_clock() {
        let clock = ManualClock::at(Timestamp::default());
        let done = before(&clock, Monotonic::default(), async { 7 }).await;
        assert_eq!((Some(7), None), (done, clock.next_wake()));
    }

    #[tokio::test]
    async fn work_that_hangs_is_given_up_at_the_deadline() {
        let clock = ManualClock::at(Timestamp::default());
        let deadline = clock.monotonic().plus(Duration::from_secs(30));
        let other = clock.clone();
        let work =
            tokio::spawn(async move { before(&other, deadline, future::pending::<()>()).await });
        while clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(30));
        assert_eq!(None, work.await.unwrap());
    }
}
