//! Timers and what happens to them, for the sentences.

use std::sync::Arc;

use vestibule_model::{TimerLease, TimerState, Timestamp};

use super::{Scratch, samples::*};
use crate::{Change, Precondition, Storage};

/// A timer that is in every one of these sentences.
pub(super) const CLEAN: &str = "shop::carts::clean";

pub(super) fn schedule(path: &str, schedule: &str, due: Option<Timestamp>) -> Change {
    Change::ScheduleTimer {
        path: path.to_owned(),
        schedule: schedule.to_owned(),
        due,
    }
}

pub(super) fn enable(path: &str, enabled: bool, due: Option<Timestamp>) -> Change {
    Change::EnableTimer {
        path: path.to_owned(),
        enabled,
        due,
    }
}

/// The right of a run from one second on up to another.
pub(super) fn lease(holder: &str, since: i64, until: i64) -> TimerLease {
    TimerLease {
        holder: id(holder),
        since: at(since),
        until: at(until),
    }
}

pub(super) fn begin(path: &str, lease: &TimerLease) -> Change {
    Change::BeginTimer {
        path: path.to_owned(),
        lease: lease.clone(),
    }
}

pub(super) fn advance(path: &str, next: Option<Timestamp>, skipped: u64) -> Change {
    Change::AdvanceTimer {
        path: path.to_owned(),
        next,
        skipped,
    }
}

pub(super) fn end(path: &str, holder: &str, second: i64, error: Option<&str>) -> Change {
    Change::EndTimer {
        path: path.to_owned(),
        holder: id(holder),
        at: at(second),
        error: error.map(str::to_owned),
    }
}

pub(super) fn is_due(path: &str, second: i64) -> Precondition {
    Precondition::TimerIsDue {
        path: path.to_owned(),
        due: at(second),
    }
}

pub(super) fn is_idle(path: &str, second: i64) -> Precondition {
    Precondition::TimerIsIdle {
        path: path.to_owned(),
        now: at(second),
    }
}

/// What a server does that finds a timer due: it takes the tick and begins a run of a minute.
pub(super) fn take(path: &str, due: i64, holder: &str, next: i64) -> Vec<Change> {
    vec![
        Change::Require(is_due(path, due)),
        Change::Require(is_idle(path, due)),
        begin(path, &lease(holder, due, due + 60)),
        advance(path, Some(at(next)), 0),
    ]
}

/// A timer of which nothing is known but its schedule.
pub(super) fn fresh(path: &str, schedule: &str, due: Option<Timestamp>) -> TimerState {
    TimerState {
        path: path.to_owned(),
        schedule: schedule.to_owned(),
        enabled: true,
        due,
        lease: None,
        last_run: None,
        runs: 0,
        failures: 0,
        skipped: 0,
    }
}

/// A database with one timer, which is due at a second.
pub(super) async fn with_timer(scratch: &dyn Scratch, due: i64) -> Arc<dyn Storage> {
    let storage = scratch.open().await;
    let change = schedule(CLEAN, "every 1h", Some(at(due)));
    done(storage.apply(vec![change]).await);
    storage
}

/// The only timer that there is.
pub(super) async fn only(storage: &dyn Storage) -> TimerState {
    let mut timers = done(storage.timers().await);
    assert_eq!(1, timers.len(), "{timers:?}");
    timers.remove(0)
}
