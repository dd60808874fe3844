//! One call from its permission check to its answer; the rules stand in `ARCHITECTURE.md`.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use vestibule_model::ErrorCode;

use crate::{
    Error,
    context::Context,
    custom_event::Answers,
    effects::Effects,
    engine::EngineInner,
    event::{Event, Flow, Operation, Outcome, sealed::Power},
    guard::{Failure, guard, panicked},
    observer::Ending,
    record::Record,
    registration::{Meta, OnFailure, Phase},
    registry::{Chain, Entry},
    settlement::Performed,
};

/// Which handlers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handlers {
    /// All of them.
    All,
    /// Observers only.
    Quiet,
}

/// Runs a call.
pub(crate) async fn run<E: Operation>(
    event: E,
    ctx: Context,
    handlers: Handlers,
) -> (Outcome<E>, Context) {
    match stage(event, ctx, handlers).await {
        Stage::Ready(staged) => staged.perform().await,
        Stage::Ended(outcome, ctx) => (outcome, ctx),
    }
}

/// What the beginning of a call came to.
pub(crate) enum Stage<E: Operation> {
    /// The operation may be done.
    Ready(Staged<E>),
    /// A handler answered in its place, or the call was refused. Its observers have been told.
    Ended(Outcome<E>, Context),
}

/// A call whose permission was checked and whose before handlers have run.
pub(crate) struct Staged<E: Operation> {
    event: E,
    ctx: Context,
    handlers: Handlers,
    record: Record<E>,
}

/// Begins a call: the permission check and the before handlers.
pub(crate) async fn stage<E: Operation>(
    mut event: E,
    mut ctx: Context,
    handlers: Handlers,
) -> Stage<E> {
    ctx.set_quiet(handlers == Handlers::Quiet);
    let engine = Arc::clone(&ctx.shared.engine);
    let record = Record::begin(&engine, ctx.call(), &event);
    let chain = chain_of::<E>(&engine, handlers);
    let (outcome, ending) = match before_phase(&mut event, &mut ctx, chain).await {
        Ok(Proceed::Perform) => {
            return Stage::Ready(Staged {
                event,
                ctx,
                handlers,
                record,
            });
        }
        Ok(Proceed::Answer(output, by)) => (Ok(output), by),
        Err((error, by)) => (Err(error), by),
    };
    end(record, &event, &outcome, ending).await;
    Effects::settle(&ctx.shared, outcome.is_ok());
    Stage::Ended(outcome, ctx)
}

impl<E: Operation> Staged<E> {
    /// The event, with the changes that before handlers made.
    pub(crate) fn event(&self) -> &E {
        &self.event
    }

    /// Does the operation, and runs the after handlers.
    pub(crate) async fn perform(mut self) -> (Outcome<E>, Context) {
        let engine = Arc::clone(&self.ctx.shared.engine);
        let chain = chain_of::<E>(&engine, self.handlers);
        let mut ending = Ending::Performed;
        let outcome = perform_and_settle(&self.event, &mut self.ctx, chain, &mut ending).await;
        end(self.record, &self.event, &outcome, ending).await;
        Effects::settle(&self.ctx.shared, outcome.is_ok());
        (outcome, self.ctx)
    }

    /// Runs the after handlers of an operation that was done as a part of a larger one.
    pub(crate) async fn conclude(mut self, outcome: Outcome<E>) -> Outcome<E> {
        let engine = Arc::clone(&self.ctx.shared.engine);
        let chain = chain_of::<E>(&engine, self.handlers);
        let mut ending = Ending::Performed;
        let outcome = after_phase(&self.event, outcome, &mut self.ctx, chain, &mut ending).await;
        end(self.record, &self.event, &outcome, ending).await;
        Effects::settle(&self.ctx.shared, outcome.is_ok());
        outcome
    }

    /// Ends a call whose operation is not done after all, since this went wrong elsewhere.
    pub(crate) async fn abandon(self, error: Error) {
        let outcome = Err(error);
        self.record
            .end(&self.event, &outcome, Ending::Abandoned)
            .await;
    }
}

fn chain_of<E: Operation>(engine: &EngineInner, handlers: Handlers) -> Option<&Chain<E>> {
    let chain = engine.registry.chain::<E>();
    chain.filter(|_| handlers == Handlers::All)
}

/// Tells the operator and the observers how a call ended.
async fn end<E: Operation>(record: Record<E>, event: &E, outcome: &Outcome<E>, ending: Ending) {
    if let Err(error) = outcome {
        log_internal(E::NAME, error);
    }
    record.end(event, outcome, ending).await;
}

/// Tells the operator of what nobody meant. A call that was turned away for want of room is no
/// defect, and there may be thousands of them in a storm.
fn log_internal(event: &'static str, error: &Error) {
    if error.chosen_status() == Some(503) {
        tracing::debug!(
            event.name = event,
            error = error.log(),
            "a call was turned away"
        );
    } else if error.is_internal() {
        tracing::error!(event.name = event, error = error.log(), "a call failed");
    }
}

/// What the before phase came to.
enum Proceed<O> {
    Perform,
    Answer(O, Ending),
}

async fn before_phase<E: Operation>(
    event: &mut E,
    ctx: &mut Context,
    chain: Option<&Chain<E>>,
) -> Result<Proceed<E::Output>, (Error, Ending)> {
    // First of all: a caller who may not do this never reaches a handler.
    permit(event, ctx).await?;
    let entries = chain
        .map(|chain| chain.before.as_slice())
        .unwrap_or_default();
    let mut any_ran = false;
    for entry in entries {
        if !entry.is_for(event) {
            continue;
        }
        any_ran = true;
        let meta = &entry.meta;
        // A handler that fails open must leave no half-made change behind.
        let kept = (meta.on_failure == OnFailure::Open).then(|| (event.clone(), ctx.wishes()));
        ctx.set_handler(Some(meta.path));
        let answer = run_handler(entry, entry.handler.before(event, ctx), ctx).await;
        let broken = match answer {
            Ok(Ok(Flow::Continue)) => continue,
            Ok(Ok(Flow::Respond(output))) => {
                ctx.set_handler(None);
                ctx.set_answered_by(meta.path);
                return Ok(Proceed::Answer(
                    output,
                    Ending::Responded { handler: meta.path },
                ));
            }
            Ok(Err(error)) if error.is_internal() => {
                (error.log(), error, Ending::Refused { handler: meta.path })
            }
            Ok(Err(error)) => return Err((error, Ending::Refused { handler: meta.path })),
            Err(failure) => (failure.log(meta), failure.error(meta), failure.ending(meta)),
        };
        entry.stats.count_failure();
        let (log, error, ending) = broken;
        let Some((event_before, wishes_before)) = kept else {
            return Err((error, ending));
        };
        log_open(meta, &log);
        *event = event_before;
        ctx.restore(wishes_before);
    }
    ctx.set_handler(None);
    if any_ran {
        // The verdict was about the event as it came; handlers may have made another one of it.
        permit(event, ctx).await?;
    }
    Ok(Proceed::Perform)
}

/// Asks whether the caller may do this; the storage is asked where it has a say.
async fn permit<E: Operation>(event: &E, ctx: &Context) -> Result<(), (Error, Ending)> {
    let verdict = event.verdict(ctx, event.permit(ctx)).await;
    verdict.map_err(|error| (error, Ending::Denied))
}

async fn perform_and_settle<E: Operation>(
    event: &E,
    ctx: &mut Context,
    chain: Option<&Chain<E>>,
    ending: &mut Ending,
) -> Outcome<E> {
    // The operation is our own code; a panic in it is a defect, and still ends this call only.
    let performed = AssertUnwindSafe(event.clone().perform(ctx, Power::of_the_pipeline()))
        .catch_unwind()
        .await;
    let performed = performed.unwrap_or_else(|panic| {
        *ending = Ending::Panicked { handler: None };
        let failure = panicked(&*panic);
        Err(Error::internal(format!(
            "the operation {} panicked: {failure:?}",
            E::NAME
        )))
    });
    if let Some(terminated) = ctx.shared.terminated.get() {
        *ending = *terminated;
    }
    let (outcome, on_success, on_failure) = match performed {
        Ok(Performed {
            output,
            on_success,
            on_failure,
        }) => (Ok(output), on_success, on_failure),
        Err(error) => (Err(error), Vec::new(), Vec::new()),
    };
    let outcome = after_phase(event, outcome, ctx, chain, ending).await;
    let engine = &ctx.shared.engine;
    match outcome {
        Ok(output) => match engine.apply(on_success).await {
            Ok(_) => Ok(output),
            Err(error) => {
                engine.undo(E::NAME, on_failure).await;
                Err(error.into())
            }
        },
        Err(error) => {
            engine.undo(E::NAME, on_failure).await;
            Err(error)
        }
    }
}

async fn after_phase<E: Operation>(
    event: &E,
    mut outcome: Outcome<E>,
    ctx: &mut Context,
    chain: Option<&Chain<E>>,
    ending: &mut Ending,
) -> Outcome<E> {
    for entry in chain
        .map(|chain| chain.after.as_slice())
        .unwrap_or_default()
        .iter()
        .filter(|entry| entry.is_for(event))
    {
        let meta = &entry.meta;
        let open = meta.on_failure == OnFailure::Open;
        let wishes_before = open.then(|| ctx.wishes());
        ctx.set_handler(Some(meta.path));
        let answer =
            run_handler(entry, entry.handler.after(event, outcome.clone(), ctx), ctx).await;
        let log = match answer {
            // An internal error that the handler was given is not its own failure.
            Ok(Err(error)) if error.is_internal() && outcome.is_ok() => {
                let log = error.log();
                if !open {
                    outcome = Err(error);
                }
                log
            }
            Ok(answer) => {
                if answer.is_ok() {
                    *ending = Ending::Performed;
                }
                if answer.is_ok() && outcome.is_err() {
                    ctx.set_answered_by(meta.path);
                }
                outcome = answer;
                continue;
            }
            Err(failure) => {
                if !open {
                    *ending = failure.ending(meta);
                    outcome = Err(failure.error(meta));
                }
                failure.log(meta)
            }
        };
        entry.stats.count_failure();
        if let Some(wishes_before) = wishes_before {
            log_open(meta, &log);
            ctx.restore(wishes_before);
        }
    }
    ctx.set_handler(None);
    outcome
}

/// Has the handler do the work of an event that is the app's own.
pub(crate) async fn run_answer<E: Event>(
    entry: &Entry<dyn Answers<E>>,
    event: E,
    ctx: &Context,
) -> Outcome<E> {
    let (meta, ctx) = (&entry.meta, ctx.lent_to(entry.meta.path));
    let answer = run_handler(entry, entry.handler.answer(event, &ctx), &ctx).await;
    let outcome = answer.unwrap_or_else(|failure| {
        // An event is answered once per call.
        let _ = ctx.shared.terminated.set(failure.ending(meta));
        Err(failure.error(meta))
    });
    if outcome.as_ref().is_err_and(Error::is_failure) {
        entry.stats.count_failure();
    }
    outcome
}

async fn run_handler<T: Send, H: ?Sized>(
    entry: &Entry<H>,
    future: BoxFuture<'_, crate::Result<T>>,
    ctx: &Context,
) -> Result<crate::Result<T>, Failure> {
    let engine = &ctx.shared.engine;
    let began = entry.stats.count_call().then(|| engine.clock.monotonic());
    let answer = guard(entry, future, &engine.clock, &engine.watchdog).await;
    if let Some(began) = began {
        entry
            .stats
            .count_time(engine.clock.monotonic().since(began));
    }
    answer
}

impl Failure {
    /// What the caller gets: the code for a terminated handler or method, never a panic's text.
    fn error(&self, meta: &Meta) -> Error {
        let message = match self {
            Self::TimedOut => format!(
                "Custom business logic execution has been terminated because it did not complete \
                 in permitted time - {}",
                in_words(meta.timeout)
            ),
            Self::Panicked(_) => {
                "Custom business logic execution has been terminated because it failed".to_owned()
            }
        };
        let code = match (meta.phase, self) {
            (Phase::Service, Self::TimedOut) => ErrorCode::InvocationTimedOut,
            (Phase::Service, Self::Panicked(_)) => ErrorCode::InvocationFailed,
            _ => ErrorCode::HandlerTerminated,
        };
        Error::new(code, message).logging(self.log(meta))
    }

    /// Tells the operator, and whoever sees how the call ended.
    fn ending(&self, meta: &Meta) -> Ending {
        let error = self.log(meta);
        tracing::error!(handler.name = meta.path, error, "a handler was terminated");
        match self {
            Self::Panicked(_) => Ending::Panicked {
                handler: Some(meta.path),
            },
            Self::TimedOut => Ending::TimedOut { handler: meta.path },
        }
    }

    fn log(&self, meta: &Meta) -> String {
        match self {
            Self::Panicked(text) => format!("{} panicked: {text}", meta.path),
            Self::TimedOut => format!("{} did not finish in {:?}", meta.path, meta.timeout),
        }
    }
}

fn in_words(timeout: Duration) -> String {
    match timeout.as_millis() % 1000 {
        0 => format!("{} seconds", timeout.as_secs()),
        _ => format!("{} milliseconds", timeout.as_millis()),
    }
}

fn log_open(meta: &Meta, why: &str) {
    tracing::warn!(
        handler.name = meta.path,
        error = why,
        "a handler failed; the call goes on"
    );
}
