//! The task that runs timers at their ticks.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Weak},
    time::Duration,
};

use vestibule_model::{Monotonic, ObjectId, TimerLease, TimerState, Timestamp};
use vestibule_storage::{Change, Precondition, StorageError};

use super::{
    RunTimer, Timer,
    deciding::{Decision, Hold, decide},
    running::{BEGINS_WITHIN, Run, end},
};
use crate::{Error, engine::EngineInner};

/// The wall clock may jump, so it is looked at this often.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(60);

/// How long a tick that waits for a run on another server rests before it looks again; of one on this
/// server it is told.
const LOOK_AT_RUN: Duration = Duration::from_secs(5);

/// How long the scheduler rests when the database does not answer, or when others were faster.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// What is stored is read at least this often; where other servers change it, more often, so that a tick
/// is not missed of a timer that another one switched on, or runs, and then dies.
const READ_AT_LEAST_EVERY: Duration = Duration::from_secs(600);
const READ_BESIDE_OTHERS_EVERY: Duration = Duration::from_secs(30);

/// Why a run failed that was given its right when the database went away.
pub(super) const DATABASE_GONE: &str = "the database did not answer when it was to begin";

/// Why a run failed whose right to the timer is over.
pub(super) const SERVER_GONE: &str = "the server that ran it went away before it ended";

/// Begins to run the timers of an engine at their ticks.
pub(crate) fn start(engine: &Arc<EngineInner>) {
    if engine.timers.set_to_work().is_some() {
        tokio::spawn(tick_until_closed(Arc::downgrade(engine)));
    }
}

/// Runs timers at their ticks, until the engine is gone or closed.
async fn tick_until_closed(engine: Weak<EngineInner>) {
    let mut scheduler = Scheduler::default();
    loop {
        let Some(inner) = engine.upgrade() else {
            return;
        };
        let Some(was_rung) = inner.timers.set_to_work() else {
            return;
        };
        if was_rung {
            scheduler.forget();
        }
        let idle_until = scheduler.take_ticks(&inner).await;
        let look = inner.clock.monotonic().plus(LOOK_AT_CLOCK);
        let wake = idle_until.min(look);
        inner.timers.set_to_rest(wake, idle_until);
        let (sleep, rung) = (inner.clock.sleep_until(wake), inner.timers.rung());
        drop(inner);
        tokio::select! {
            () = sleep => {}
            () = rung => {}
        }
    }
}

/// What the scheduler knows of the timers.
#[derive(Default)]
struct Scheduler {
    /// As they were read, and changed here since.
    states: BTreeMap<String, TimerState>,
    /// When they were read; none if something has changed since.
    read: Option<Monotonic>,
    /// The runs that have the right to a timer, and when they were first seen. The wall clock may be put
    /// back, and a run that is gone must not have the right until it has come so far again.
    seen: HashMap<ObjectId, Monotonic>,
    /// Runs that may have been given their right: the database did not say.
    in_doubt: Vec<Run>,
    is_failing: bool,
}

/// What became of a tick.
enum Taken {
    /// It was taken, or is none any more.
    Done,
    /// Somebody else was faster.
    ByOthers,
}

impl Scheduler {
    fn forget(&mut self) {
        self.read = None;
    }

    /// Takes the ticks that have come; says until when there is nothing more to be done.
    async fn take_ticks(&mut self, engine: &Arc<EngineInner>) -> Monotonic {
        match self.try_to_take_ticks(engine).await {
            Ok(rest_until) => {
                self.is_failing = false;
                rest_until
            }
            Err(error) => {
                if !self.is_failing {
                    let error = Error::from(error);
                    tracing::warn!(
                        error = error.log(),
                        "the ticks of timers could not be taken; trying again every second"
                    );
                }
                self.is_failing = true;
                self.forget();
                engine.clock.monotonic().plus(TRY_AGAIN)
            }
        }
    }

    async fn try_to_take_ticks(
        &mut self,
        engine: &Arc<EngineInner>,
    ) -> Result<Monotonic, StorageError> {
        self.read_if_need_be(engine).await?;
        let began = engine.clock.monotonic();
        let mut rest = read_every(engine);
        for timer in engine.registry.timers().values() {
            if engine.calls.is_closed() {
                break;
            }
            match self.take_tick(engine, timer).await? {
                Taken::Done => {}
                Taken::ByOthers => {
                    self.forget();
                    rest = rest.min(TRY_AGAIN);
                }
            }
            rest = rest.min(self.rest(engine, timer));
        }
        Ok(began.plus(rest))
    }

    /// Reads what is stored, if there is anything to do by what is known, or if that is old.
    async fn read_if_need_be(&mut self, engine: &Arc<EngineInner>) -> Result<(), StorageError> {
        let now = engine.clock.monotonic();
        let is_known = self
            .read
            .is_some_and(|read| now.since(read) < read_every(engine));
        let mut timers = engine.registry.timers().values();
        if is_known && timers.all(|timer| !self.rest(engine, timer).is_zero()) {
            return Ok(());
        }
        let states = engine.storage.timers().await?;
        let leases = states.iter().filter_map(|state| state.lease.as_ref());
        let first_seen = |holder| self.seen.get(holder).copied().unwrap_or(now);
        self.seen = leases
            .map(|lease| (lease.holder.clone(), first_seen(&lease.holder)))
            .collect();
        let states = states.into_iter().map(|state| (state.path.clone(), state));
        self.states = states.collect();
        self.read = Some(now);
        self.begin_what_was_in_doubt(engine).await
    }

    /// Begins the runs that were given their right after all. Nobody else would: their ticks are taken.
    async fn begin_what_was_in_doubt(
        &mut self,
        engine: &Arc<EngineInner>,
    ) -> Result<(), StorageError> {
        while let Some(run) = self.in_doubt.pop() {
            let timer = engine.registry.timers().get(run.timer);
            let state = self.states.get_mut(run.timer);
            let (Some(timer), Some(state)) = (timer, state) else {
                continue;
            };
            let Some(lease) = state.lease.clone() else {
                continue;
            };
            if lease.holder != run.holder {
                continue;
            }
            let now = engine.clock.now();
            if now.since(lease.since) <= BEGINS_WITHIN {
                run.begin(engine);
                continue;
            }
            // Its right may be over before it ends, so it is given another one.
            let (again, lease) = Run::of(timer, run.event.clone(), engine);
            let error = Some(DATABASE_GONE.to_owned());
            let mut changes = vec![end(run.timer, run.holder.clone(), now, error)];
            changes.extend(begin(run.timer, lease.clone(), now));
            match engine.apply(changes).await {
                Ok(_) => {}
                Err(StorageError::Refused { .. }) => continue,
                Err(error) => {
                    self.in_doubt.extend([run, again]);
                    return Err(error);
                }
            }
            self.seen
                .insert(lease.holder.clone(), engine.clock.monotonic());
            state.lease = Some(lease);
            again.begin(engine);
        }
        Ok(())
    }

    /// How long a timer needs nothing, by what is known.
    fn rest(&self, engine: &EngineInner, timer: &Timer) -> Duration {
        let path = timer.entry.meta.path;
        let at_most = read_every(engine);
        let Some(state) = self.states.get(path) else {
            return at_most;
        };
        let now = engine.clock.now();
        let hold = self.hold(engine, path, state);
        let until_over = match (hold, &state.lease) {
            (Hold::Gone(_), _) => return Duration::ZERO,
            (Hold::Running, Some(lease)) if !engine.timers.runs_here(path) => {
                lease.until.since(now)
            }
            _ => at_most,
        };
        let until_due = match decide(path, &timer.ticks, state, hold, now) {
            Decision::Wait(None) => at_most,
            Decision::Wait(Some(due)) => due.since(now),
            Decision::WaitForRun => LOOK_AT_RUN,
            Decision::Pass { .. } | Decision::Run { .. } => Duration::ZERO,
        };
        until_due.min(until_over)
    }

    /// Who has the right to run a timer.
    fn hold<'a>(&self, engine: &EngineInner, path: &str, state: &'a TimerState) -> Hold<'a> {
        if engine.timers.runs_here(path) {
            return Hold::Running;
        }
        let Some(lease) = &state.lease else {
            return Hold::Nobody;
        };
        let is_over = lease.until <= engine.clock.now() || {
            let seen = self.seen.get(&lease.holder);
            let lasts = lease.until.since(lease.since);
            seen.is_some_and(|seen| engine.clock.monotonic().since(*seen) >= lasts)
        };
        if is_over {
            Hold::Gone(lease)
        } else {
            Hold::Running
        }
    }

    /// Does what is to be done about a timer, in one step of the storage.
    async fn take_tick(
        &mut self,
        engine: &Arc<EngineInner>,
        timer: &Timer,
    ) -> Result<Taken, StorageError> {
        let path = timer.entry.meta.path;
        let Some(mut state) = self.states.get(path).cloned() else {
            return Ok(Taken::Done);
        };
        let now = engine.clock.now();
        let hold = self.hold(engine, path, &state);
        let decision = decide(path, &timer.ticks, &state, hold, now);
        let mut changes = Vec::new();
        let gone = match hold {
            Hold::Gone(lease) => Some(lease.clone()),
            Hold::Nobody | Hold::Running => None,
        };
        if let Some(lease) = &gone {
            changes.extend(end_of_the_gone(path, lease, now));
            state.lease = None;
        }
        let mut begun = None;
        // Some other version of the program wrote down the schedule, and is gone.
        let is_own = state.schedule == timer.ticks.words;
        match decision {
            Decision::Wait(_) | Decision::WaitForRun => {}
            Decision::Pass { due, next, skipped } => {
                changes.extend(advance(path, due, next, skipped));
                state.due = next;
                state.skipped += skipped;
            }
            Decision::Run {
                due,
                tick,
                missed,
                next,
            } => {
                let event = RunTimer::new(path, Some(tick), missed);
                let (run, lease) = Run::of(timer, event, engine);
                changes.extend(begin(path, lease.clone(), now));
                changes.extend(advance(path, due, next, 0));
                state.due = next;
                state.lease = Some(lease);
                begun = Some(run);
            }
        }
        if !is_own && matches!(decision, Decision::Pass { .. } | Decision::Run { .. }) {
            state.schedule.clone_from(&timer.ticks.words);
            changes.push(Change::ScheduleTimer {
                path: path.to_owned(),
                schedule: state.schedule.clone(),
                due: state.due,
            });
        }
        match engine.apply(changes).await {
            Ok(_) => {}
            Err(StorageError::Refused { .. }) => return Ok(Taken::ByOthers),
            Err(error) => {
                if matches!(error, StorageError::Unavailable { .. }) {
                    self.in_doubt.extend(begun);
                }
                return Err(error);
            }
        }
        if gone.is_some() {
            tracing::error!(timer.name = path, error = SERVER_GONE, "a timer failed");
        }
        match decision {
            Decision::Pass { skipped: 0, .. } => tracing::warn!(
                timer.name = path,
                "the clock was put back, so the next tick of a timer is counted from now"
            ),
            Decision::Pass { skipped, .. } => {
                tracing::info!(timer.name = path, skipped, "ticks did not run their timer");
            }
            Decision::Wait(_) | Decision::WaitForRun | Decision::Run { .. } => {}
        }
        self.states.insert(path.to_owned(), state);
        if let Some(run) = begun {
            self.seen
                .insert(run.holder.clone(), engine.clock.monotonic());
            run.begin(engine);
        }
        Ok(Taken::Done)
    }
}

/// How often what is stored is read at least.
fn read_every(engine: &EngineInner) -> Duration {
    if engine.storage.has_neighbours() {
        READ_BESIDE_OTHERS_EVERY
    } else {
        READ_AT_LEAST_EVERY
    }
}

/// Ends the run of a server that is gone; nothing happens if somebody else did.
pub(super) fn end_of_the_gone(path: &str, lease: &TimerLease, now: Timestamp) -> [Change; 1] {
    let error = Some(SERVER_GONE.to_owned());
    [end(path, lease.holder.clone(), now, error)]
}

/// Takes the right to a timer that nobody has.
pub(super) fn begin(path: &str, lease: TimerLease, now: Timestamp) -> [Change; 2] {
    let path = path.to_owned();
    [
        Change::Require(Precondition::TimerIsIdle {
            path: path.clone(),
            now,
        }),
        Change::BeginTimer { path, lease },
    ]
}

/// Puts the next tick in the place of the one that is due.
fn advance(path: &str, due: Timestamp, next: Option<Timestamp>, skipped: u64) -> [Change; 2] {
    let path = path.to_owned();
    [
        Change::Require(Precondition::TimerIsDue {
            path: path.clone(),
            due,
        }),
        Change::AdvanceTimer {
            path,
            next,
            skipped,
        },
    ]
}
