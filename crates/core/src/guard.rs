use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use vestibule_model::{Clock, Sleep};

use crate::{registry::Entry, watchdog::Watchdog};

/// How a handler failed without answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It panicked; the text is for the log alone.
    Panicked(String),
    /// It did not finish in its time.
    TimedOut,
}

/// Runs a handler so that it can hurt its own call only.
///
/// A panic is caught. The deadline is armed only if the first poll is pending, so a handler that
/// never waits never looks at the clock. At the deadline the future is dropped.
pub(crate) fn guard<'a, T, H: ?Sized>(
    entry: &Entry<H>,
    future: BoxFuture<'a, T>,
    clock: &'a Arc<dyn Clock>,
    watchdog: &'a Watchdog,
) -> impl Future<Output = Result<T, Failure>> + Send + use<'a, T, H>
where
    T: Send + 'a,
{
    Guarded {
        number: entry.number,
        timeout: entry.meta.timeout,
        future: Some(future),
        clock,
        watchdog,
        deadline: None,
    }
}

struct Guarded<'a, T> {
    number: u32,
    timeout: Duration,
    future: Option<BoxFuture<'a, T>>,
    clock: &'a Arc<dyn Clock>,
    watchdog: &'a Watchdog,
    deadline: Option<Sleep>,
}

impl<T> Guarded<'_, T> {
    /// Drops the handler's future; a destructor of its own may panic as well.
    fn drop_future(&mut self) -> Result<(), Failure> {
        let future = self.future.take();
        catch_unwind(AssertUnwindSafe(|| drop(future))).map_err(|panic| panicked(&*panic))
    }
}

impl<T> Future for Guarded<'_, T> {
    type Output = Result<T, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(future) = this.future.as_mut() else {
            return Poll::Ready(Err(Failure::Panicked(
                "it was polled after its end".to_owned(),
            )));
        };
        let watched = this.watchdog.enter(this.number);
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        drop(watched);
        match polled {
            Ok(Poll::Ready(value)) => Poll::Ready(this.drop_future().map(|()| value)),
            Err(panic) => {
                // What the destructor has to say after the panic is of no more interest.
                let _ = this.drop_future();
                Poll::Ready(Err(panicked(&*panic)))
            }
            Ok(Poll::Pending) => {
                let deadline = this.deadline.get_or_insert_with(|| {
                    this.clock
                        .sleep_until(this.clock.monotonic().plus(this.timeout))
                });
                if deadline.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                let _ = this.drop_future();
                Poll::Ready(Err(Failure::TimedOut))
            }
        }
    }
}

/// The text of a panic, for the log.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    Failure::Panicked(text.unwrap_or_else(|| "a panic without a text".to_owned()))
}

// A handler that was not polled to its end is dropped with its call; a panic in its destructor
// must not take the call's own unwinding with it.
impl<T> Drop for Guarded<'_, T> {
    fn drop(&mut self) {
        if self.future.is_some() {
            let _ = self.drop_future();
        }
    }
}
