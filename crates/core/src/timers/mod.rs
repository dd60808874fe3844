//! Timers: what the server does by itself, at its time.
//!
//! A tick is taken by one step of the storage: whoever takes it writes down the next one and gets the
//! right to run the timer, for a while. So each tick runs once, however many servers there are.
//!
//! From the tick to the run: `schedule.rs` says which ticks there are, `ticks.rs` and `cron.rs` reckon
//! them, `deciding.rs` says what a tick means that has come, `scheduler.rs` waits for ticks and takes
//! them, `running.rs` runs the timer and writes down how it ended.

mod care;
mod cron;
mod deciding;
mod listing;
mod operator;
mod run_timer;
mod running;
mod schedule;
mod scheduler;
mod starting;
mod ticks;

pub(crate) use care::TimerCare;
pub use listing::DeclaredTimer;
pub use operator::ListedTimer;
pub use run_timer::RunTimer;
pub use schedule::{Missed, Overlap, Rule, Schedule};
pub(crate) use scheduler::start;
pub(crate) use starting::schedule_all;
pub(crate) use ticks::Ticks;

use std::collections::BTreeMap;

use crate::{custom_event::Answers, registry::Entry};

/// The timers of an engine, by path.
pub(crate) type Timers = BTreeMap<&'static str, Timer>;

/// A timer that is linked into this program.
pub(crate) struct Timer {
    pub(crate) schedule: Schedule,
    pub(crate) ticks: Ticks,
    pub(crate) entry: Entry<dyn Answers<RunTimer>>,
}
