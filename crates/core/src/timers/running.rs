//! One run of a timer, from the right to it to the note of how it ended.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use tracing::Instrument;
use vestibule_model::{Actor, ObjectId, TimerLease, Timestamp};
use vestibule_storage::Change;

use super::{RunTimer, Timer, care::TimerCare};
use crate::{
    Error,
    call::Call,
    context::Context,
    engine::EngineInner,
    guard::panicked,
    nesting::Nesting,
    pipeline::{Handlers, run},
};

/// Time that a run has besides that of the timer itself, for the handlers around it.
const AROUND: Duration = Duration::from_secs(20);

/// Time for which a run has the right to its timer after it must have ended: clocks of servers may
/// differ by as much.
const MARGIN: Duration = Duration::from_secs(40);

/// How much later a run may begin than it was given its right.
pub(super) const BEGINS_WITHIN: Duration = Duration::from_secs(20);

/// How long a run may go on when the server goes down.
const WHEN_CLOSING: Duration = Duration::from_secs(20);

/// Characters that are stored of the text of an error.
const ERROR_AT_MOST: usize = 1_000;

/// A run that has the right to its timer.
pub(super) struct Run {
    pub(super) timer: &'static str,
    pub(super) holder: ObjectId,
    /// How long it may go on, with the handlers around it.
    time: Duration,
    pub(super) event: RunTimer,
}

impl Run {
    /// A run that is to have the right to its timer, and that right.
    pub(super) fn of(timer: &Timer, event: RunTimer, engine: &EngineInner) -> (Self, TimerLease) {
        let meta = &timer.entry.meta;
        let now = engine.clock.now();
        let holder = ObjectId::generate(now, &*engine.randomness);
        let time = meta.timeout.saturating_add(AROUND);
        let lease = TimerLease {
            holder: holder.clone(),
            since: now,
            until: now.plus(time.saturating_add(MARGIN)),
        };
        let run = Self {
            timer: meta.path,
            holder,
            time,
            event,
        };
        (run, lease)
    }

    /// Begins it, in a task of its own. Whoever asks holds off the end of the engine until this returns.
    pub(super) fn begin(self, engine: &Arc<EngineInner>) {
        let counted_in = engine.calls.token();
        let runs_here = TimerCare::run(engine, self.timer);
        let engine = Arc::clone(engine);
        let span = tracing::error_span!("timer", timer.name = self.timer);
        let run = async move {
            let (timer, holder) = (self.timer, self.holder.clone());
            let error = self.outcome(&engine).await.err();
            write_down(&engine, end(timer, holder, engine.clock.now(), error)).await;
            drop(counted_in);
            // The last of it: who waits for the end of the run finds nothing left to be done.
            drop(runs_here);
        };
        tokio::spawn(run.instrument(span));
    }

    /// Runs it to its end; the error is told to the log, and is what it says.
    async fn outcome(self, engine: &Arc<EngineInner>) -> Result<(), String> {
        let (timer, time) = (self.timer, self.time);
        let clock = &engine.clock;
        let too_late = clock.sleep_until(clock.monotonic().plus(time));
        let going_down = async {
            engine.timers.closing().await;
            clock
                .sleep_until(clock.monotonic().plus(WHEN_CLOSING))
                .await;
        };
        let call = AssertUnwindSafe(self.call(engine)).catch_unwind();
        let outcome = tokio::select! {
            biased;
            outcome = call => outcome.unwrap_or_else(|panic| {
                Err(Error::internal(format!("the run panicked: {:?}", panicked(&*panic))))
            }),
            () = too_late => Err(Error::internal(format!(
                "it was stopped since it did not end within {time:?}, with the handlers around it"
            ))),
            () = going_down => Err(Error::internal(format!(
                "it was stopped since the server went down and it did not end within {WHEN_CLOSING:?}"
            ))),
        };
        outcome.map_err(|error| {
            let text = error.log();
            if error.is_failure() {
                tracing::error!(timer.name = timer, error = text, "a timer failed");
            } else {
                tracing::warn!(timer.name = timer, error = text, "a timer failed");
            }
            text
        })
    }

    async fn call(self, engine: &Arc<EngineInner>) -> crate::Result<()> {
        let actor = Actor::Handler(self.timer.to_owned());
        let nesting = Nesting::outermost(&self.event);
        let context = Context::new(
            Arc::clone(engine),
            Call::of_the_server(),
            nesting,
            Some(actor),
        );
        let (outcome, _) = run(self.event, context, Handlers::All).await;
        outcome
    }
}

/// Writes down how a run ended; what cannot be written now is written soon, if the server goes on.
async fn write_down(engine: &EngineInner, end: Change) {
    if let Err(error) = engine.apply(vec![end.clone()]).await {
        let error = Error::from(error);
        tracing::warn!(
            error = error.log(),
            "how a timer ended could not be stored; trying again soon"
        );
        engine.leftovers.keep(vec![end]);
    }
}

/// How a run ended, and that it gives its right back.
pub(super) fn end(timer: &str, holder: ObjectId, at: Timestamp, error: Option<String>) -> Change {
    let error = error.map(|text| match text.char_indices().nth(ERROR_AT_MOST) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text,
    });
    Change::EndTimer {
        path: timer.to_owned(),
        holder,
        at,
        error,
    }
}
