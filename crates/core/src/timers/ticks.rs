//! The ticks of a schedule. What is reckoned with are nominal ticks: a tick that is put off by jitter
//! keeps its place, so that no tick drifts.

use std::time::Duration;

use sha2::{Digest, Sha256};
use vestibule_model::Timestamp;

use super::{Rule, Schedule, cron::Cron};

/// Missed ticks of a crontab that are counted one by one; more of them take too long.
const COUNTED_AT_MOST: u64 = 10_000;

/// Ticks that have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Come {
    /// The last of them.
    pub(super) latest: Timestamp,
    /// How many came before it.
    pub(super) earlier: u64,
    /// The first that is still to come; none if there will be none.
    pub(super) next: Option<Timestamp>,
}

/// The ticks of a schedule, ready to be reckoned: to read a line of a crontab and to find its time zone
/// takes far longer than that.
pub(crate) struct Ticks {
    pub(super) schedule: Schedule,
    /// The schedule in words, as it is stored.
    pub(super) words: String,
    /// The line, if it is one of a crontab.
    cron: Option<Cron>,
}

impl Ticks {
    /// The ticks of a schedule, unless it is one that no timer can have.
    pub(crate) fn of(schedule: Schedule) -> Result<Self, String> {
        schedule.check()?;
        let cron = match schedule.rule {
            Rule::Cron(line) => Some(Cron::parse(line)?),
            Rule::Every(_) | Rule::Once(_) => None,
        };
        Ok(Self {
            words: schedule.to_string(),
            schedule,
            cron,
        })
    }

    /// The first tick of a timer that is scheduled now.
    pub(super) fn first(&self, now: Timestamp) -> Option<Timestamp> {
        let tick = match (self.schedule.rule, self.schedule.start) {
            (Rule::Once(at), _) => (at >= now).then_some(at),
            (Rule::Every(every), None) => Some(now.plus(every)),
            (Rule::Every(_), Some(start)) if start >= now => Some(start),
            (Rule::Every(every), Some(start)) => {
                let every = every.as_millis();
                Some(later(
                    start,
                    every,
                    now.since(start).as_millis() / every + 1,
                ))
            }
            (Rule::Cron(_), start) => {
                let just_before = |start: Timestamp| Timestamp::from_millis(start.as_millis() - 1);
                let from = start.map_or(now, |start| just_before(start).max(now));
                self.after_by_cron(from)
            }
        };
        self.unless_expired(tick)
    }

    /// The tick after this one.
    pub(super) fn after(&self, tick: Timestamp) -> Option<Timestamp> {
        let next = match self.schedule.rule {
            Rule::Once(_) => None,
            Rule::Every(every) => Some(tick.plus(every)),
            Rule::Cron(_) => self.after_by_cron(tick),
        };
        self.unless_expired(next)
    }

    /// When a tick runs the timer of this path: at once, or later by chance. Each server reckons the
    /// same chance.
    pub(super) fn put_off(&self, path: &str, tick: Timestamp) -> Timestamp {
        let jitter = u64::try_from(self.schedule.jitter.as_millis()).unwrap_or(u64::MAX);
        if jitter == 0 {
            return tick;
        }
        let digest = Sha256::new()
            .chain_update(path)
            .chain_update(tick.as_millis().to_be_bytes())
            .finalize();
        let chance = digest
            .iter()
            .take(8)
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let by = chance % jitter.saturating_add(1);
        tick.plus(Duration::from_millis(by))
    }

    /// The ticks that have come by now, of which `due` is the first.
    pub(super) fn come(&self, path: &str, due: Timestamp, now: Timestamp) -> Come {
        match self.schedule.rule {
            Rule::Once(_) => Come {
                latest: due,
                earlier: 0,
                next: None,
            },
            Rule::Every(every) => self.come_every(path, due, every.as_millis(), now),
            Rule::Cron(_) => self.come_by_cron(path, due, now),
        }
    }

    fn come_every(&self, path: &str, due: Timestamp, every: u128, now: Timestamp) -> Come {
        let last = self.schedule.expiry.map_or(now, |expiry| {
            now.min(Timestamp::from_millis(expiry.as_millis() - 1))
        });
        let mut earlier = last.since(due).as_millis() / every;
        if earlier > 0 && self.put_off(path, later(due, every, earlier)) > now {
            // Jitter is less than the time between two ticks, so the one before has come.
            earlier -= 1;
        }
        let latest = later(due, every, earlier);
        Come {
            latest,
            earlier: u64::try_from(earlier).unwrap_or(u64::MAX),
            next: self.unless_expired(Some(later(latest, every, 1))),
        }
    }

    fn come_by_cron(&self, path: &str, due: Timestamp, now: Timestamp) -> Come {
        let after = |tick| self.unless_expired(self.after_by_cron(tick));
        let mut come = Come {
            latest: due,
            earlier: 0,
            next: after(due),
        };
        while let Some(next) = come.next
            && self.put_off(path, next) <= now
        {
            if come.earlier >= COUNTED_AT_MOST {
                come.next = after(now);
                break;
            }
            come = Come {
                latest: next,
                earlier: come.earlier + 1,
                next: after(next),
            };
        }
        come
    }

    fn after_by_cron(&self, moment: Timestamp) -> Option<Timestamp> {
        self.cron.as_ref()?.after(moment)
    }

    fn unless_expired(&self, tick: Option<Timestamp>) -> Option<Timestamp> {
        tick.filter(|tick| self.schedule.expiry.is_none_or(|expiry| *tick < expiry))
    }
}

/// The tick `count` ticks later, of those that come every so many milliseconds.
fn later(tick: Timestamp, every: u128, count: u128) -> Timestamp {
    let by = i64::try_from(every.saturating_mul(count)).unwrap_or(i64::MAX);
    Timestamp::from_millis(tick.as_millis().saturating_add(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000)
    }

    fn ticks(schedule: Schedule) -> Ticks {
        Ticks::of(schedule).unwrap()
    }

    fn every_ten() -> Schedule {
        Schedule::new(Rule::Every(MINUTE * 10))
    }

    #[track_caller]
    fn check_first(schedule: Schedule, now: i64, expected: Option<i64>) {
        assert_eq!(
            expected.map(at),
            ticks(schedule).first(at(now)),
            "{schedule}"
        );
    }

    #[test]
    fn ticks_are_counted_from_the_start_if_there_is_one() {
        check_first(every_ten(), 3, Some(13));
        let from_five = Schedule {
            start: Some(at(5)),
            ..every_ten()
        };
        check_first(from_five, 0, Some(5));
        check_first(from_five, 5, Some(5));
        check_first(from_five, 6, Some(15));
        check_first(from_five, 15, Some(25));
        check_first(from_five, 44, Some(45));
    }

    #[test]
    fn a_crontab_begins_at_the_start_if_that_is_a_tick_of_it() {
        let cron = Schedule {
            start: Some(at(120)),
            ..Schedule::new(Rule::Cron("0 * * * *"))
        };
        check_first(cron, 0, Some(120));
        check_first(cron, 120, Some(180));
        check_first(Schedule::new(Rule::Cron("0 * * * *")), 0, Some(60));
    }

    #[test]
    fn one_tick_comes_once_and_not_afterwards() {
        let once = Schedule::new(Rule::Once(at(5)));
        check_first(once, 4, Some(5));
        check_first(once, 5, Some(5));
        check_first(once, 6, None);
        assert_eq!(None, ticks(once).after(at(5)));
    }

    #[test]
    fn there_is_no_tick_from_the_expiry_on() {
        let until_thirty = Schedule {
            expiry: Some(at(30)),
            ..every_ten()
        };
        assert_eq!(Some(at(20)), ticks(until_thirty).after(at(10)));
        assert_eq!(None, ticks(until_thirty).after(at(20)));
        check_first(until_thirty, 20, None);
        let come = ticks(until_thirty).come("t", at(10), at(500));
        assert_eq!((at(20), 1, None), (come.latest, come.earlier, come.next));
    }

    #[test]
    fn ticks_that_have_come_are_counted_and_the_next_one_keeps_its_place() {
        let come = ticks(every_ten()).come("t", at(10), at(47));
        let expected = Come {
            latest: at(40),
            earlier: 3,
            next: Some(at(50)),
        };
        assert_eq!(expected, come);
        let cron = Schedule::new(Rule::Cron("*/10 * * * *"));
        assert_eq!(expected, ticks(cron).come("t", at(10), at(47)));
    }

    #[test]
    fn a_year_of_missed_minutes_is_not_counted_to_the_end() {
        let minutes = Schedule::new(Rule::Cron("* * * * *"));
        let come = ticks(minutes).come("t", at(0), at(525_600));
        assert_eq!(
            (COUNTED_AT_MOST, Some(at(525_601))),
            (come.earlier, come.next)
        );
    }

    #[test]
    fn jitter_puts_a_tick_off_within_its_bound_and_always_by_as_much() {
        let jittery = Schedule {
            jitter: Duration::from_secs(30),
            ..every_ten()
        };
        let jittery = ticks(jittery);
        let by = |path: &str, tick| jittery.put_off(path, tick).since(tick);
        let delays: Vec<_> = (0..200).map(|tick| by("a::b", at(tick))).collect();
        assert!(
            delays.iter().all(|delay| *delay <= jittery.schedule.jitter),
            "{delays:?}"
        );
        let longest = delays.iter().max().unwrap();
        assert!(*longest > Duration::from_secs(25), "{longest:?}");
        assert_eq!(by("a::b", at(7)), by("a::b", at(7)));
        assert_ne!(by("a::b", at(7)), by("a::c", at(7)));
        assert_eq!(at(7), ticks(every_ten()).put_off("a::b", at(7)));
    }

    #[test]
    fn a_tick_that_is_put_off_has_not_come_yet() {
        let jittery = Schedule {
            jitter: MINUTE * 9,
            ..every_ten()
        };
        let jittery = ticks(jittery);
        for tick in 1..50 {
            let moment = jittery.put_off("t", at(tick * 10));
            let just_before = Timestamp::from_millis(moment.as_millis() - 1);
            let come = jittery.come("t", at(0), just_before);
            assert_eq!(at((tick - 1) * 10), come.latest);
            assert_eq!(at(tick * 10), jittery.come("t", at(0), moment).latest);
        }
    }
}
