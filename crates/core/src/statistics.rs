use crate::engine::Engine;

/// What the engine counts, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Calls so far: event, ending, how many.
    pub calls: Vec<(&'static str, &'static str, u64)>,
    /// Sessions in memory.
    pub sessions_in_memory: u64,
    /// Password hashes computed so far.
    pub password_hashes: u64,
    /// Calls that waited for observers before they were answered.
    pub observer_waits: u64,
    /// Handlers reported for blocking their thread.
    pub blocked_handlers: u64,
    /// Calls that run now.
    pub calls_running: u64,
    /// Whether the engine has stopped to take calls.
    pub closing: bool,
}

impl Engine {
    /// What the engine counts, as it stands now.
    pub fn statistics(&self) -> Statistics {
        let inner = &self.inner;
        Statistics {
            calls: inner.call_stats.all(),
            sessions_in_memory: inner.sessions.len() as u64,
            password_hashes: inner.passwords.computed(),
            observer_waits: inner.observers.waits(),
            blocked_handlers: inner.watchdog.reported(),
            calls_running: inner.calls.len() as u64,
            closing: inner.calls.is_closed(),
        }
    }
}
