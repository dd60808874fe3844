//! What the operator does about timers. These are no events: no handler sees them.

use std::sync::Arc;

use vestibule_model::{Monotonic, TimerState};
use vestibule_storage::{Change, Precondition, StorageError};

use super::{
    RunTimer, Schedule, Timer,
    running::{Run, end},
    scheduler::{DATABASE_GONE, begin, end_of_the_gone},
};
use crate::{
    Error, Result,
    engine::{Engine, EngineInner},
    registration::Meta,
};

/// A timer and how it stands, for the operator.
#[derive(Clone, Debug)]
pub struct ListedTimer {
    /// What is known about it.
    pub meta: Meta,
    /// When it runs.
    pub schedule: Schedule,
    /// What is stored of it.
    pub state: TimerState,
}

impl Engine {
    /// The timers that are linked into this program, by path. For the operator.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    pub async fn timers(&self) -> Result<Vec<ListedTimer>> {
        let mut states = self.inner.storage.timers().await?;
        let timers = self.inner.registry.timers().values();
        let listed = timers.map(|timer| {
            let path = timer.entry.meta.path;
            let stored = states.iter().position(|state| state.path == path);
            listed(timer, stored.map(|stored| states.swap_remove(stored)))
        });
        Ok(listed.collect())
    }

    /// Runs a timer now, whether it is enabled or not; returns when it has begun. Its ticks stay as
    /// they are. Leaves an audit record. For the operator.
    ///
    /// # Errors
    /// 8008 if there is no such timer, or if it is running; fails when the database does not answer.
    pub async fn run_timer(&self, path: &str) -> Result<ListedTimer> {
        let path = path.to_owned();
        self.as_operator(async move |engine| {
            let timer = engine.timer(&path)?;
            let state = engine.timer_state(&path).await?;
            let Some(state) = state else {
                return Err(Error::invalid(format!(
                    "no server has scheduled the timer `{path}` yet; start one"
                )));
            };
            if engine.timers.runs_here(&path) {
                return Err(runs_already(&path));
            }
            let now = engine.clock.now();
            let (run, lease) = Run::of(
                timer,
                RunTimer::new(timer.entry.meta.path, None, 0),
                &engine,
            );
            let gone = state.lease.filter(|lease| lease.until <= now);
            let gone = gone
                .iter()
                .flat_map(|lease| end_of_the_gone(&path, lease, now));
            let mut changes: Vec<_> = gone.chain(begin(&path, lease, now)).collect();
            changes.push(engine.audit_of_operator(format!("runTimer {path}"), None));
            match engine.apply(changes).await {
                Ok(_) => {}
                Err(StorageError::Refused {
                    precondition: Precondition::TimerIsIdle { .. },
                }) => return Err(runs_already(&path)),
                Err(error) => {
                    if matches!(error, StorageError::Unavailable { .. }) {
                        // Perhaps it was done after all; nobody waits for this run any more.
                        let error = Some(DATABASE_GONE.to_owned());
                        let end = end(run.timer, run.holder, now, error);
                        engine.leftovers.keep(vec![end]);
                    }
                    return Err(error.into());
                }
            }
            run.begin(&engine);
            Ok(listed(timer, engine.timer_state(&path).await?))
        })
        .await
    }

    /// Switches a timer on or off, for every server of the app and for good. One that is switched on
    /// again does not make up for the ticks in between. Leaves an audit record. For the operator.
    ///
    /// # Errors
    /// 8008 if there is no such timer; fails when the database does not answer.
    pub async fn enable_timer(&self, path: &str, enabled: bool) -> Result<ListedTimer> {
        let path = path.to_owned();
        self.as_operator(async move |engine| {
            let timer = engine.timer(&path)?;
            let state = engine.timer_state(&path).await?;
            if state.as_ref().is_none_or(|state| state.enabled == enabled) {
                return Ok(listed(timer, state));
            }
            let first = || timer.ticks.first(engine.clock.now());
            let change = Change::EnableTimer {
                path: path.clone(),
                enabled,
                due: enabled.then(first).flatten(),
            };
            let action = if enabled {
                "enableTimer"
            } else {
                "disableTimer"
            };
            let audit = engine.audit_of_operator(format!("{action} {path}"), None);
            engine.apply(vec![change, audit]).await?;
            engine.timers.ring();
            Ok(listed(timer, engine.timer_state(&path).await?))
        })
        .await
    }

    /// Until when there is nothing to be done for any timer, if no clock jumps; none while something is,
    /// and where there are no timers.
    ///
    /// This is for tests that move the clock.
    pub fn timers_rest_until(&self) -> Option<Monotonic> {
        self.inner.timers.rests_until()
    }

    /// Ends when every tick that has come was taken.
    ///
    /// This is for tests that move the clock.
    pub async fn ticks_taken(&self) {
        self.inner.timers.ticks_taken(&*self.inner.clock).await;
    }

    /// Ends when no tick is being taken and no timer runs.
    ///
    /// This is for tests that want to know what timers did.
    pub async fn timers_idle(&self) {
        self.inner.timers.idle(&*self.inner.clock).await;
    }
}

impl EngineInner {
    /// The timer of this path.
    fn timer(self: &Arc<Self>, path: &str) -> Result<&Timer> {
        let timers = self.registry.timers();
        timers.get(path).ok_or_else(|| {
            let known: Vec<_> = timers.keys().copied().collect();
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            Error::invalid(format!("there is no timer `{path}`; there are: {known}"))
        })
    }

    /// What is stored of a timer.
    async fn timer_state(&self, path: &str) -> Result<Option<TimerState>> {
        let states = self.storage.timers().await?;
        Ok(states.into_iter().find(|state| state.path == path))
    }
}

/// A timer as the operator sees it; one that no server has scheduled has no ticks yet.
fn listed(timer: &Timer, state: Option<TimerState>) -> ListedTimer {
    let meta = timer.entry.meta;
    let unscheduled = || TimerState {
        path: meta.path.to_owned(),
        schedule: timer.schedule.to_string(),
        enabled: true,
        due: None,
        lease: None,
        last_run: None,
        runs: 0,
        failures: 0,
        skipped: 0,
    };
    ListedTimer {
        meta,
        schedule: timer.schedule,
        state: state.unwrap_or_else(unscheduled),
    }
}

fn runs_already(path: &str) -> Error {
    Error::invalid(format!(
        "the timer `{path}` is running; wait until it has ended"
    ))
}
