use crate::{ObjectId, Timestamp};

/// What is stored of a timer: when it is due, who runs it, and how it fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerState {
    /// Its name everywhere: `crate::module::function`.
    pub path: String,
    /// Its schedule in words, as it was when `due` was reckoned.
    pub schedule: String,
    /// Whether its ticks run it.
    pub enabled: bool,
    /// Its next tick; none if there will be no more.
    pub due: Option<Timestamp>,
    /// Who runs it now; the server may have died since.
    pub lease: Option<TimerLease>,
    /// How it ended last, if it ever did.
    pub last_run: Option<TimerRun>,
    /// How often it has ended.
    pub runs: u64,
    /// How often it has ended badly.
    pub failures: u64,
    /// Ticks that did not run it.
    pub skipped: u64,
}

/// The right to run a timer, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerLease {
    /// The run that has it.
    pub holder: ObjectId,
    /// Since when.
    pub since: Timestamp,
    /// Until when nobody else may run the timer.
    pub until: Timestamp,
}

/// How a run of a timer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerRun {
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Why it failed, in the words of the log; none if it did not.
    pub error: Option<String>,
}
