//! One call from its permission check to its answer; the rules stand in `ARCHITECTURE.md`.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use serde_json::Value as Json;

use crate::{
    Error,
    context::Context,
    custom_event::Answers,
    effects::Effects,
    engine::EngineInner,
    event::{Event, Flow, Operation, Outcome, sealed::Power},
    explanation::{Decision, StepNote, describe_event, describe_outcome},
    failure::log_open,
    guard::panicked,
    handler::{After, Before},
    handler_stats::FailureKind,
    observer::Ending,
    record::Record,
    registration::OnFailure,
    registry::{Chain, Entry, Running, entries},
    run_handler::run_handler,
};

/// Which handlers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handlers {
    /// All of them.
    All,
    /// Observers only.
    Quiet,
}

/// Runs a call. In a box, since a call is long and whoever makes a task of it moves it often.
pub(crate) fn run<E: Operation>(
    event: E,
    ctx: Context,
    handlers: Handlers,
) -> BoxFuture<'static, (Outcome<E>, Context)> {
    Box::pin(async move {
        match stage(event, ctx, handlers).await {
            Stage::Ready(staged) => staged.perform().await,
            Stage::Ended(outcome, ctx) => (outcome, ctx),
        }
    })
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
    /// Those that were to run when the call began.
    after: Option<Running<dyn After<E>>>,
    record: Record<E>,
}

/// Begins a call: the permission check and the before handlers.
pub(crate) async fn stage<E: Operation>(
    mut event: E,
    mut ctx: Context,
    handlers: Handlers,
) -> Stage<E> {
    ctx.set_quiet(handlers == Handlers::Quiet);
    ctx.explain(&event);
    let engine = Arc::clone(&ctx.shared.engine);
    let mut record = Record::begin(&engine, &ctx.shared.call, &event);
    if ctx.shared.nesting.is_rehearsed() {
        record.unobserved();
    }
    let chain = chain_of::<E>(&engine, handlers);
    let before = chain.map(|chain| chain.before.running());
    let after = chain.map(|chain| chain.after.running());
    let (outcome, ending) = match before_phase(&mut event, &mut ctx, before).await {
        Ok(Proceed::Perform) => {
            return Stage::Ready(Staged {
                event,
                ctx,
                after,
                record,
            });
        }
        Ok(Proceed::Answer(output, by)) => (Ok(output), by),
        Err((error, by)) => (Err(error), by),
    };
    end(record, &event, &outcome, ending, &ctx).await;
    Effects::settle(&ctx.shared, outcome.is_ok());
    Stage::Ended(outcome, ctx)
}

/// Runs the beginning of a call and nothing else; its explanation says what came of it. A call that
/// would go on to the operation has no ending there.
pub(crate) async fn rehearse<E: Operation>(
    mut event: E,
    mut ctx: Context,
    allowed: crate::Result<()>,
) {
    ctx.explain(&event);
    let engine = Arc::clone(&ctx.shared.engine);
    let chain = engine.registry.chain::<E>();
    let before = chain.map(|chain| chain.before.running());
    let phase = match allowed {
        Ok(()) => before_phase(&mut event, &mut ctx, before).await,
        Err(error) => Err((error, Ending::Denied)),
    };
    let (outcome, ending) = match phase {
        Ok(Proceed::Perform) => return,
        Ok(Proceed::Answer(output, by)) => (Ok(output), by),
        Err((error, by)) => (Err(error), by),
    };
    if let Some(note) = ctx.note() {
        note.end::<E>(&outcome, ending, ctx.monotonic());
    }
}

impl<E: Operation> Staged<E> {
    /// The event, with the changes that before handlers made.
    pub(crate) fn event(&self) -> &E {
        &self.event
    }

    /// Does the operation, and runs the after handlers.
    pub(crate) async fn perform(mut self) -> (Outcome<E>, Context) {
        let (after, mut ending) = (self.after.as_ref(), Ending::Performed);
        let outcome = perform_and_settle(&self.event, &mut self.ctx, after, &mut ending).await;
        end(self.record, &self.event, &outcome, ending, &self.ctx).await;
        Effects::settle(&self.ctx.shared, outcome.is_ok());
        (outcome, self.ctx)
    }

    /// Runs the after handlers of an operation that was done as a part of a larger one.
    pub(crate) async fn conclude(mut self, outcome: Outcome<E>) -> Outcome<E> {
        let (after, mut ending) = (self.after.as_ref(), Ending::Performed);
        let outcome = after_phase(&self.event, outcome, &mut self.ctx, after, &mut ending).await;
        end(self.record, &self.event, &outcome, ending, &self.ctx).await;
        Effects::settle(&self.ctx.shared, outcome.is_ok());
        outcome
    }

    /// Ends a call whose operation is not done after all, since this went wrong elsewhere.
    pub(crate) async fn abandon(self, error: Error) {
        let outcome = Err(error);
        if let Some(note) = self.ctx.note() {
            note.end::<E>(&outcome, Ending::Abandoned, self.ctx.monotonic());
        }
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
async fn end<E: Operation>(
    record: Record<E>,
    event: &E,
    outcome: &Outcome<E>,
    ending: Ending,
    ctx: &Context,
) {
    if let Some(note) = ctx.note() {
        note.end::<E>(outcome, ending, ctx.monotonic());
    }
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
    running: Option<Running<dyn Before<E>>>,
) -> Result<Proceed<E::Output>, (Error, Ending)> {
    event
        .check_answered(ctx)
        .map_err(|error| (error, Ending::Denied))?;
    // First of all: a caller who may not do this never reaches a handler.
    permit(event, ctx).await?;
    let mut any_ran = false;
    for entry in entries(running.as_ref()) {
        if !entry.is_for(event) {
            continue;
        }
        any_ran = true;
        let meta = &entry.meta;
        // A handler that fails open must leave no half-made change behind.
        let kept = (meta.on_failure == OnFailure::Open).then(|| (event.clone(), ctx.wishes()));
        ctx.set_handler(Some(meta.path));
        let mut step = StepNote::begin(ctx, Some(meta), || describe_event(event));
        let future = entry.handler.before(event, ctx);
        let answer = run_handler(E::NAME, entry, future, &ctx.shared.engine).await;
        step.decided(|| Decision::of_before::<E>(&answer, meta));
        step.end(ctx, || describe_event(event));
        let broken = match answer {
            Ok(Ok(Flow::Continue)) => {
                entry.succeeded();
                continue;
            }
            Ok(Ok(Flow::Respond(output))) => {
                entry.succeeded();
                ctx.set_handler(None);
                ctx.set_answered_by(meta.path);
                return Ok(Proceed::Answer(
                    output,
                    Ending::Responded { handler: meta.path },
                ));
            }
            Ok(Err(error)) if error.is_internal() => {
                let ending = Ending::Refused { handler: meta.path };
                (FailureKind::Failed, error.log(), error, ending)
            }
            Ok(Err(error)) => {
                entry.succeeded();
                return Err((error, Ending::Refused { handler: meta.path }));
            }
            Err(failure) => {
                let ending = failure.ending(meta);
                (
                    failure.kind(),
                    failure.log(meta),
                    failure.error(meta),
                    ending,
                )
            }
        };
        let (kind, log, error, ending) = broken;
        entry.failed(kind, &log, &ctx.shared.engine);
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
    after: Option<&Running<dyn After<E>>>,
    ending: &mut Ending,
) -> Outcome<E> {
    let mut step = StepNote::begin(ctx, None, || Json::Null);
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
        Ok(done) => (Ok(done.output), done.on_success, done.on_failure),
        Err(error) => (Err(error), Vec::new(), Vec::new()),
    };
    step.decided(|| match &outcome {
        Ok(_) => Decision::Continued,
        Err(_) => Decision::Refused,
    });
    step.end(ctx, || describe_outcome::<E>(&outcome));
    let outcome = after_phase(event, outcome, ctx, after, ending).await;
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
    after: Option<&Running<dyn After<E>>>,
    ending: &mut Ending,
) -> Outcome<E> {
    let running = entries(after).iter();
    for entry in running.filter(|entry| entry.is_for(event)) {
        let meta = &entry.meta;
        let open = meta.on_failure == OnFailure::Open;
        let wishes_before = open.then(|| ctx.wishes());
        ctx.set_handler(Some(meta.path));
        let mut step = StepNote::begin(ctx, Some(meta), || describe_outcome::<E>(&outcome));
        let future = entry.handler.after(event, outcome.clone(), ctx);
        let answer = run_handler(E::NAME, entry, future, &ctx.shared.engine).await;
        step.decided(|| Decision::of_after::<E>(&outcome, &answer, meta));
        let (kind, log) = match answer {
            // An internal error that the handler was given is not its own failure.
            Ok(Err(error)) if error.is_internal() && outcome.is_ok() => {
                let log = error.log();
                if !open {
                    outcome = Err(error);
                }
                (FailureKind::Failed, log)
            }
            Ok(answer) => {
                entry.succeeded();
                if answer.is_ok() {
                    *ending = Ending::Performed;
                }
                if answer.is_ok() && outcome.is_err() {
                    ctx.set_answered_by(meta.path);
                }
                outcome = answer;
                step.end(ctx, || describe_outcome::<E>(&outcome));
                continue;
            }
            Err(failure) => {
                if !open {
                    *ending = failure.ending(meta);
                    outcome = Err(failure.error(meta));
                }
                (failure.kind(), failure.log(meta))
            }
        };
        step.end(ctx, || describe_outcome::<E>(&outcome));
        entry.failed(kind, &log, &ctx.shared.engine);
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
    let engine = &ctx.shared.engine;
    let future = entry.handler.answer(event, &ctx);
    match run_handler(E::NAME, entry, future, engine).await {
        Ok(answer) => {
            if let Err(error) = answer.as_ref()
                && error.is_failure()
            {
                entry.failed(FailureKind::Failed, &error.log(), engine);
            }
            answer
        }
        Err(failure) => {
            entry.failed(failure.kind(), &failure.log(meta), engine);
            // An event is answered once per call.
            let _ = ctx.shared.terminated.set(failure.ending(meta));
            Err(failure.error(meta))
        }
    }
}
