//! One call of a handler: guarded, counted, and in a span of its own.

use futures::future::{BoxFuture, Either};
use tracing::{Instrument, Span, field};

use crate::{
    Result,
    engine::EngineInner,
    guard::{Failure, Guarded, guard},
    handler_stats::FailureKind,
    registration::{Meta, Phase},
    registry::Entry,
};

/// A handler that runs so that it can hurt its own call only: as it is, or with somebody watching.
pub(crate) type RunningHandler<'a, T, H> =
    Either<Guarded<'a, Result<T>, H>, BoxFuture<'a, Answer<T>>>;

/// What comes of it.
type Answer<T> = std::result::Result<Result<T>, Failure>;

/// Runs a handler so that it can hurt its own call only.
///
/// No async function: most handlers are done at the first poll, and one future around another
/// would cost as much as guarding them.
pub(crate) fn run_handler<'a, T: Send + 'a, H: ?Sized + Send + Sync>(
    event: &'static str,
    entry: &'a Entry<H>,
    future: BoxFuture<'a, Result<T>>,
    engine: &'a EngineInner,
) -> RunningHandler<'a, T, H> {
    let is_timed = entry.stats.count_call();
    let span = span(event, &entry.meta);
    let guarded = guard(entry, future, engine);
    if !is_timed && span.is_disabled() {
        // Most calls end here.
        return Either::Left(guarded);
    }
    Either::Right(Box::pin(watch(guarded, entry, is_timed, span, engine)))
}

/// Takes the time of a handler, and says in its span how it failed.
async fn watch<T: Send, H: ?Sized + Send + Sync>(
    guarded: Guarded<'_, Result<T>, H>,
    entry: &Entry<H>,
    is_timed: bool,
    span: Span,
    engine: &EngineInner,
) -> Answer<T> {
    let began = engine.clock.monotonic();
    let answer = guarded.instrument(span.clone()).await;
    if is_timed {
        let took = engine.clock.monotonic().since(began);
        entry.stats.count_time(took);
    }
    if let Some(failure) = failure(entry.meta.phase, &answer) {
        span.record("handler.failure", failure);
    }
    answer
}

/// Where nobody wants spans of this target, it costs a look at a number that says so.
#[inline]
fn span(event: &'static str, meta: &Meta) -> Span {
    tracing::debug_span!(
        target: "vestibule::handler",
        "handler",
        handler.name = meta.path,
        handler.phase = meta.phase.as_str(),
        event.name = event,
        handler.failure = field::Empty,
    )
}

/// How the handler failed, in the words of metrics.
fn failure<T>(phase: Phase, answer: &Answer<T>) -> Option<&'static str> {
    let error = match answer {
        Err(failure) => return Some(failure.kind().as_str()),
        Ok(Ok(_)) => return None,
        Ok(Err(error)) => error,
    };
    let has_failed = match phase {
        Phase::Before => error.is_internal(),
        Phase::Answer | Phase::Service | Phase::Timer => error.is_failure(),
        Phase::Observe => true,
        // Most often it hands on the error that it was given.
        Phase::After => false,
    };
    has_failed.then_some(FailureKind::Failed.as_str())
}
