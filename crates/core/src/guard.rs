use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use vestibule_model::Sleep;

use crate::{engine::EngineInner, registry::Entry};

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
pub(crate) fn guard<'a, T: Send, H: ?Sized>(
    entry: &'a Entry<H>,
    future: BoxFuture<'a, T>,
    engine: &'a EngineInner,
) -> Guarded<'a, T, H> {
    Guarded {
        entry,
        engine,
        future: Some(future),
        deadline: None,
    }
}

/// A handler that is running.
pub(crate) struct Guarded<'a, T, H: ?Sized> {
    entry: &'a Entry<H>,
    engine: &'a EngineInner,
    /// None once it has ended.
    future: Option<BoxFuture<'a, T>>,
    deadline: Option<Sleep>,
}

impl<T, H: ?Sized> Guarded<'_, T, H> {
    /// Drops the handler's future; a destructor of its own may panic as well.
    fn drop_future(&mut self) {
        let future = self.future.take();
        // What it has to say after a panic or a missed deadline is of no interest.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
    }

    /// Whether it has had all the time that it may have.
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let deadline = self.deadline.get_or_insert_with(|| {
            let clock = &self.engine.clock;
            clock.sleep_until(clock.monotonic().plus(self.entry.meta.timeout))
        });
        deadline.as_mut().poll(cx).is_ready()
    }
}

impl<T, H: ?Sized> Future for Guarded<'_, T, H> {
    type Output = Result<T, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // Out here, lest a destructor of the handler panics and one of the answer with it: two panics
        // at once end the process.
        let mut answer = None;
        let watched = this.engine.watchdog.enter(this.entry.number);
        let polled = catch_unwind(AssertUnwindSafe(|| {
            if let Some(future) = &mut this.future
                && let Poll::Ready(value) = future.as_mut().poll(cx)
            {
                answer = Some(value);
                drop(this.future.take());
            }
        }));
        drop(watched);
        match (polled, answer) {
            (Ok(()), Some(value)) => Poll::Ready(Ok(value)),
            (Ok(()), None) if this.is_late(cx) => {
                this.drop_future();
                Poll::Ready(Err(Failure::TimedOut))
            }
            (Ok(()), None) => Poll::Pending,
            (Err(panic), _) => {
                this.drop_future();
                Poll::Ready(Err(panicked(&*panic)))
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
impl<T, H: ?Sized> Drop for Guarded<'_, T, H> {
    fn drop(&mut self) {
        if self.future.is_some() {
            self.drop_future();
        }
    }
}
