//! What is to be done about a timer at some moment, by what is stored of it. No clock and no storage:
//! every rule about ticks that overlap, are missed or lie too far ahead stands here.

use std::time::Duration;

use vestibule_model::{TimerLease, TimerState, Timestamp};

use super::{Missed, Overlap, ticks::Ticks};

/// A tick that is later than this was missed: no server ran when it came.
const LATE: Duration = Duration::from_secs(60);

/// A tick of a schedule that this program has not is left for so long to servers that have it.
const LEFT_TO_OTHERS: Duration = LATE;

/// Who has the right to run a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold<'a> {
    /// Nobody.
    Nobody,
    /// Somebody who runs it.
    Running,
    /// Somebody whose time is over: the server is gone.
    Gone(&'a TimerLease),
}

/// What is to be done about a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing, until this moment; none if there are no more ticks.
    Wait(Option<Timestamp>),
    /// Nothing, until it does not run any more.
    WaitForRun,
    /// Its tick does not run it; what comes next is this.
    Pass {
        due: Timestamp,
        next: Option<Timestamp>,
        skipped: u64,
    },
    /// It runs.
    Run {
        due: Timestamp,
        /// The tick that runs it, the last that has come.
        tick: Timestamp,
        /// How many ticks before that one this run stands for as well.
        missed: u64,
        next: Option<Timestamp>,
    },
}

/// Decides about the timer of this path.
pub(super) fn decide(
    path: &str,
    ticks: &Ticks,
    state: &TimerState,
    hold: Hold<'_>,
    now: Timestamp,
) -> Decision {
    let Some(due) = state.due.filter(|_| state.enabled) else {
        return Decision::Wait(None);
    };
    let since = ticks.put_off(path, due);
    // While a new version of the program takes the place of an old one, both run. Only if there is no
    // server any more whose schedule was stored last, another takes the tick, and all that come after.
    let is_own = state.schedule == ticks.words;
    let takes_from = if is_own {
        since
    } else {
        since.plus(LEFT_TO_OTHERS)
    };
    if now < takes_from {
        return match too_far_ahead(ticks, due, now).filter(|_| is_own) {
            None => Decision::Wait(Some(takes_from)),
            Some(next) => Decision::Pass {
                due,
                next: Some(next),
                skipped: 0,
            },
        };
    }
    let come = ticks.come(path, due, now);
    let pass = Decision::Pass {
        due,
        next: come.next,
        skipped: come.earlier + 1,
    };
    match (hold, ticks.schedule.overlap) {
        (Hold::Running, Overlap::Skip) => return pass,
        (Hold::Running, Overlap::Wait) => return Decision::WaitForRun,
        (Hold::Nobody | Hold::Gone(_), _) => {}
    }
    // A tick that waited for a run to end was not missed.
    let free = waited_until(ticks, state, hold).filter(|free| *free > since);
    let is_missed = match free {
        Some(free) => now.since(free) > LATE,
        None => come.earlier > 0 || now.since(since) > LATE,
    };
    if is_missed && ticks.schedule.missed == Missed::Skip {
        return pass;
    }
    Decision::Run {
        due,
        tick: come.latest,
        missed: come.earlier,
        next: come.next,
    }
}

/// Until when the timer ran last, for ticks that wait for that.
fn waited_until(ticks: &Ticks, state: &TimerState, hold: Hold<'_>) -> Option<Timestamp> {
    if ticks.schedule.overlap == Overlap::Skip {
        return None;
    }
    match hold {
        Hold::Gone(lease) => Some(lease.until),
        Hold::Nobody | Hold::Running => state.last_run.as_ref().map(|run| run.ended),
    }
}

/// The tick that comes next if the wall clock was put back, by so much that another one comes before the
/// one that is due, and one before that. Less than that would run ticks again that have run.
fn too_far_ahead(ticks: &Ticks, due: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let next = ticks.first(now)?;
    let second = ticks.after(next)?;
    (due > second).then_some(next)
}

#[cfg(test)]
mod tests {
    use vestibule_model::{ObjectId, TimerRun};

    use super::*;
    use crate::timers::{Rule, Schedule};

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000)
    }

    fn every_ten(overlap: Overlap, missed: Missed) -> Schedule {
        Schedule {
            overlap,
            missed,
            ..Schedule::new(Rule::Every(MINUTE * 10))
        }
    }

    fn due_at(minutes: i64) -> TimerState {
        TimerState {
            path: "t".to_owned(),
            schedule: "every 10m".to_owned(),
            enabled: true,
            due: Some(at(minutes)),
            lease: None,
            last_run: None,
            runs: 0,
            failures: 0,
            skipped: 0,
        }
    }

    fn ended_at(minutes: i64) -> TimerState {
        let last_run = TimerRun {
            began: at(0),
            ended: at(minutes),
            error: None,
        };
        TimerState {
            last_run: Some(last_run),
            ..due_at(10)
        }
    }

    fn run(tick: i64, missed: u64) -> Decision {
        Decision::Run {
            due: at(10),
            tick: at(tick),
            missed,
            next: Some(at(tick + 10)),
        }
    }

    fn pass(skipped: u64, next: i64) -> Decision {
        Decision::Pass {
            due: at(10),
            next: Some(at(next)),
            skipped,
        }
    }

    #[track_caller]
    fn check(schedule: Schedule, state: &TimerState, hold: Hold<'_>, now: i64, expected: Decision) {
        let state = TimerState {
            schedule: schedule.to_string(),
            ..state.clone()
        };
        assert_eq!(
            expected,
            decide("t", &Ticks::of(schedule).unwrap(), &state, hold, at(now))
        );
    }

    #[test]
    fn a_tick_runs_the_timer_when_it_has_come_and_not_before() {
        let schedule = every_ten(Overlap::Skip, Missed::Skip);
        check(
            schedule,
            &due_at(10),
            Hold::Nobody,
            9,
            Decision::Wait(Some(at(10))),
        );
        check(schedule, &due_at(10), Hold::Nobody, 10, run(10, 0));
        check(schedule, &due_at(10), Hold::Nobody, 11, run(10, 0));
    }

    #[test]
    fn a_timer_that_is_off_or_over_has_no_ticks() {
        let schedule = every_ten(Overlap::Skip, Missed::Once);
        let off = TimerState {
            enabled: false,
            ..due_at(10)
        };
        check(schedule, &off, Hold::Nobody, 10, Decision::Wait(None));
        let over = TimerState {
            due: None,
            ..due_at(10)
        };
        check(schedule, &over, Hold::Nobody, 10, Decision::Wait(None));
    }

    #[test]
    fn ticks_that_were_missed_run_it_once_or_not_at_all() {
        let (once, skip) = (
            every_ten(Overlap::Skip, Missed::Once),
            every_ten(Overlap::Skip, Missed::Skip),
        );
        check(once, &due_at(10), Hold::Nobody, 12, run(10, 0));
        check(skip, &due_at(10), Hold::Nobody, 12, pass(1, 20));
        check(once, &due_at(10), Hold::Nobody, 40, run(40, 3));
        check(skip, &due_at(10), Hold::Nobody, 40, pass(4, 50));
    }

    #[test]
    fn a_tick_that_finds_the_timer_running_is_skipped_or_waits() {
        let state = due_at(10);
        let (skip, wait) = (
            every_ten(Overlap::Skip, Missed::Once),
            every_ten(Overlap::Wait, Missed::Skip),
        );
        check(skip, &state, Hold::Running, 10, pass(1, 20));
        check(wait, &state, Hold::Running, 10, Decision::WaitForRun);
        check(wait, &state, Hold::Running, 45, Decision::WaitForRun);
    }

    #[test]
    fn a_tick_that_waited_was_not_missed() {
        let wait = every_ten(Overlap::Wait, Missed::Skip);
        check(wait, &ended_at(15), Hold::Nobody, 16, run(10, 0));
        check(wait, &ended_at(35), Hold::Nobody, 35, run(30, 2));
        check(wait, &ended_at(15), Hold::Nobody, 17, pass(1, 20));
        check(wait, &ended_at(5), Hold::Nobody, 12, pass(1, 20));
        let lease = TimerLease {
            holder: ObjectId::parse("R").unwrap(),
            since: at(0),
            until: at(15),
        };
        check(wait, &due_at(10), Hold::Gone(&lease), 15, run(10, 0));
    }

    #[test]
    fn a_tick_that_lies_further_ahead_than_ticks_can_comes_earlier() {
        let schedule = every_ten(Overlap::Skip, Missed::Once);
        check(
            schedule,
            &due_at(1000),
            Hold::Nobody,
            980,
            Decision::Wait(Some(at(1000))),
        );
        let put_back = Decision::Pass {
            due: at(1000),
            next: Some(at(989)),
            skipped: 0,
        };
        check(schedule, &due_at(1000), Hold::Nobody, 979, put_back);
        let from_the_start = Schedule {
            start: Some(at(1000)),
            ..schedule
        };
        check(
            from_the_start,
            &due_at(1000),
            Hold::Nobody,
            0,
            Decision::Wait(Some(at(1000))),
        );
        let once = Schedule::new(Rule::Once(at(1000)));
        check(
            once,
            &due_at(1000),
            Hold::Nobody,
            0,
            Decision::Wait(Some(at(1000))),
        );
    }

    #[test]
    fn a_tick_of_another_schedule_is_left_to_servers_that_have_it_as_long_as_there_are_any() {
        let state = TimerState {
            schedule: "every 1h".to_owned(),
            ..due_at(60)
        };
        let ticks = Ticks::of(every_ten(Overlap::Skip, Missed::Once)).unwrap();
        let decide = |now| decide("t", &ticks, &state, Hold::Nobody, at(now));
        for now in [0, 39, 59, 60] {
            assert_eq!(Decision::Wait(Some(at(61))), decide(now));
        }
        let taken = Decision::Run {
            due: at(60),
            tick: at(60),
            missed: 0,
            next: Some(at(70)),
        };
        assert_eq!(taken, decide(61));
    }
}
