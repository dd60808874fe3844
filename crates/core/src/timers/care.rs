//! What an engine remembers of its timers: whether its scheduler rests, and what runs.

use std::{collections::BTreeSet, sync::Arc};

use tokio::sync::watch;
use vestibule_model::{Clock, Monotonic};

use crate::engine::EngineInner;

/// What an engine remembers of its timers. Whoever waits for something of it, watches it.
pub(crate) struct TimerCare(watch::Sender<Standing>);

/// How the timers of an engine stand.
#[derive(Debug, Default)]
pub(super) struct Standing {
    scheduler: Scheduler,
    /// Something has changed that the scheduler does not know of.
    is_rung: bool,
    /// The engine is going down.
    is_closing: bool,
    /// The timers that run here.
    running: BTreeSet<&'static str>,
}

/// What the scheduler does.
#[derive(Debug, Default, PartialEq, Eq)]
enum Scheduler {
    /// There is none.
    #[default]
    Off,
    /// It looks for ticks, and takes those that have come.
    AtWork,
    /// It has nothing to do.
    AtRest {
        /// When it looks at the clock again.
        wake: Monotonic,
        /// Until when there is nothing to do, if no clock jumps.
        idle_until: Monotonic,
    },
}

impl Default for TimerCare {
    fn default() -> Self {
        Self(watch::Sender::new(Standing::default()))
    }
}

impl TimerCare {
    /// Somebody is about to look for ticks. Says whether it was rung for; none if the engine is going
    /// down, and nobody is to look.
    pub(super) fn set_to_work(&self) -> Option<bool> {
        let mut was_rung = None;
        self.0.send_modify(|standing| {
            let rung = std::mem::take(&mut standing.is_rung);
            was_rung = (!standing.is_closing).then_some(rung);
            standing.scheduler = match was_rung {
                Some(_) => Scheduler::AtWork,
                None => Scheduler::Off,
            };
        });
        was_rung
    }

    /// The scheduler rests until it wakes; should no clock jump, there is nothing to do until later.
    pub(super) fn set_to_rest(&self, wake: Monotonic, idle_until: Monotonic) {
        self.0
            .send_modify(|standing| standing.scheduler = Scheduler::AtRest { wake, idle_until });
    }

    /// Has the scheduler look again at what is stored.
    pub(super) fn ring(&self) {
        self.0.send_modify(|standing| standing.is_rung = true);
    }

    /// Waits for the next ring; ends too when the engine goes down or is gone. Holds no engine.
    pub(super) fn rung(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut standing = self.0.subscribe();
        async move {
            let has_rung = standing.wait_for(|standing| standing.is_rung || standing.is_closing);
            // An error says that the engine is gone.
            let _ = has_rung.await;
        }
    }

    /// Notes that a timer runs here, until the guard is dropped.
    pub(super) fn run(engine: &Arc<EngineInner>, path: &'static str) -> RunsHere {
        engine.timers.0.send_modify(|standing| {
            standing.running.insert(path);
        });
        RunsHere {
            engine: Arc::clone(engine),
            path,
        }
    }

    /// The timers that run here, by path.
    pub(crate) fn running(&self) -> Vec<&'static str> {
        self.0.borrow().running.iter().copied().collect()
    }

    /// Whether a timer runs here.
    pub(super) fn runs_here(&self, path: &str) -> bool {
        self.0.borrow().running.contains(path)
    }

    /// Takes no more ticks. Ends when none is being taken.
    pub(crate) async fn close(&self) {
        self.0.send_modify(|standing| standing.is_closing = true);
        self.until(|standing| standing.scheduler != Scheduler::AtWork)
            .await;
    }

    /// Ends when the engine goes down.
    pub(super) async fn closing(&self) {
        self.until(|standing| standing.is_closing).await;
    }

    /// Until when the scheduler has nothing to do, by the clock that never jumps.
    pub(super) fn rests_until(&self) -> Option<Monotonic> {
        match self.0.borrow().scheduler {
            Scheduler::AtRest { idle_until, .. } => Some(idle_until),
            Scheduler::Off | Scheduler::AtWork => None,
        }
    }

    /// Ends when every tick that has come was taken.
    pub(super) async fn ticks_taken(&self, clock: &dyn Clock) {
        self.until(|standing| standing.has_taken_ticks(clock.monotonic()))
            .await;
    }

    /// Ends when every tick that has come was taken, and no timer runs.
    pub(super) async fn idle(&self, clock: &dyn Clock) {
        self.until(|standing| {
            standing.has_taken_ticks(clock.monotonic()) && standing.running.is_empty()
        })
        .await;
    }

    async fn until(&self, is_so: impl FnMut(&Standing) -> bool) {
        // The sender is this one, so it is not gone.
        let _ = self.0.subscribe().wait_for(is_so).await;
    }
}

impl Standing {
    fn has_taken_ticks(&self, now: Monotonic) -> bool {
        match self.scheduler {
            Scheduler::Off => true,
            Scheduler::AtWork => false,
            Scheduler::AtRest { wake, .. } => !self.is_rung && wake > now,
        }
    }
}

/// A timer that runs here.
pub(super) struct RunsHere {
    engine: Arc<EngineInner>,
    path: &'static str,
}

/// What comes next depends on the end of a run, so the scheduler looks again.
impl Drop for RunsHere {
    fn drop(&mut self) {
        self.engine.timers.0.send_modify(|standing| {
            standing.running.remove(self.path);
            standing.is_rung = true;
        });
    }
}
