use super::Schedule;
use crate::{engine::Engine, registration::Meta, registry::Registry};

/// A timer as it was written, for listings: nothing of what is stored of it.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredTimer {
    /// What is known about its function.
    pub meta: Meta,
    /// When it runs.
    pub schedule: Schedule,
}

impl Registry {
    /// The timers, by path.
    pub fn declared_timers(&self) -> Vec<DeclaredTimer> {
        let timers = self.timers().values().map(|timer| DeclaredTimer {
            meta: timer.entry.meta,
            schedule: timer.schedule,
        });
        timers.collect()
    }
}

impl Engine {
    /// The timers that are linked into this program, by path, without a look into the database;
    /// [`timers`](Engine::timers) says how they stand.
    pub fn declared_timers(&self) -> Vec<DeclaredTimer> {
        self.inner.registry.declared_timers()
    }
}
