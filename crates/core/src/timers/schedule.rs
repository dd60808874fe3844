use std::{fmt, time::Duration};

use vestibule_model::Timestamp;

use super::cron::Cron;

/// The shortest and the longest time between two ticks of [`Rule::Every`].
const EVERY: [Duration; 2] = [
    Duration::from_secs(1),
    Duration::from_secs(366 * 24 * 60 * 60),
];

/// When a timer runs: what `#[timer(..)]` makes of its options.
///
/// It is shown as words, `every 1h`, `cron 0 3 * * * UTC`, `once 2027-01-01T00:00:00Z`: all that says
/// which ticks there are, and nothing of what becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The ticks.
    pub rule: Rule,
    /// There are no ticks before this moment; ticks of [`Rule::Every`] are counted from it.
    pub start: Option<Timestamp>,
    /// There are no ticks from this moment on.
    pub expiry: Option<Timestamp>,
    /// How long a tick is put off at most, by chance. Every server puts it off by as much.
    pub jitter: Duration,
    /// What a tick does that comes while the timer still runs.
    pub overlap: Overlap,
    /// What becomes of ticks that came while no server ran.
    pub missed: Missed,
}

/// The ticks of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// One after each such time.
    Every(Duration),
    /// As this line of a crontab says: five fields, and a time zone if it is not UTC.
    Cron(&'static str),
    /// One, at this moment.
    Once(Timestamp),
}

/// What a tick does that comes while the timer still runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// Nothing; it is counted as skipped. `overlap = "skip"`.
    #[default]
    Skip,
    /// It waits, and runs the timer as soon as it may; of several that wait one does.
    /// `overlap = "wait"`.
    Wait,
}

/// What becomes of ticks that came while no server ran: those that are more than a minute late, and
/// those after which the next one has come already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// They run the timer once, all together. `missed = "once"`.
    #[default]
    Once,
    /// Nothing; they are counted as skipped. `missed = "skip"`.
    Skip,
}

impl Schedule {
    /// Ticks by this rule, with the defaults of everything else.
    pub const fn new(rule: Rule) -> Self {
        Self {
            rule,
            start: None,
            expiry: None,
            jitter: Duration::ZERO,
            overlap: Overlap::Skip,
            missed: Missed::Once,
        }
    }

    /// Why no timer can run like this. The attribute says so earlier, and where; this is for schedules
    /// that were made by hand, and for time zones that are not known on this machine.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let (Some(start), Some(expiry)) = (self.start, self.expiry)
            && expiry <= start
        {
            return Err("it expires before it starts".to_owned());
        }
        match self.rule {
            Rule::Every(every) if every < EVERY[0] || every > EVERY[1] => Err(format!(
                "it runs every {every:?}; choose something from 1 second to 366 days"
            )),
            Rule::Every(every) if self.jitter >= every => Err(format!(
                "its jitter of {:?} is no less than the {every:?} between its ticks",
                self.jitter
            )),
            Rule::Cron(line) => {
                let cron = Cron::parse(line)?;
                let comes = cron.after(Timestamp::default()).is_some();
                comes.then_some(()).ok_or_else(|| {
                    format!("`{line}` never comes: there is no such day; mend the line")
                })
            }
            Rule::Every(_) | Rule::Once(_) => Ok(()),
        }
    }
}

impl Overlap {
    /// As the attribute has it: `skip` or `wait`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Wait => "wait",
        }
    }
}

impl Missed {
    /// As the attribute has it: `once` or `skip`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Skip => "skip",
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Rule::Every(every) => write!(f, "every {}", Span(every))?,
            Rule::Cron(line) => {
                let words: Vec<_> = line.split_whitespace().collect();
                write!(f, "cron {}", words.join(" "))?;
                if words.len() == 5 {
                    f.write_str(" UTC")?;
                }
            }
            Rule::Once(at) => write!(f, "once {}", Moment(at))?,
        }
        if let Some(start) = self.start {
            write!(f, " from {}", Moment(start))?;
        }
        if let Some(expiry) = self.expiry {
            write!(f, " until {}", Moment(expiry))?;
        }
        Ok(())
    }
}

/// A time in the largest unit of which it is a whole number.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let units = [
            (86_400_000, "d"),
            (3_600_000, "h"),
            (60_000, "m"),
            (1000, "s"),
        ];
        let unit = units
            .into_iter()
            .find(|(unit, _)| millis.is_multiple_of(*unit));
        let (unit, name) = unit.unwrap_or((1, "ms"));
        write!(f, "{}{name}", millis / unit)
    }
}

struct Moment(Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0.as_millis()) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{} ms", self.0.as_millis()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[track_caller]
    fn check(schedule: Schedule, words: &str) {
        assert_eq!(words, schedule.to_string());
    }

    #[test]
    fn a_schedule_is_shown_in_words() {
        let every = |seconds| Schedule::new(Rule::Every(Duration::from_secs(seconds)));
        check(every(3600), "every 1h");
        check(every(90), "every 90s");
        check(every(5400), "every 90m");
        check(every(14 * 86_400), "every 14d");
        check(
            Schedule::new(Rule::Cron(" 0 3  * * *")),
            "cron 0 3 * * * UTC",
        );
        let berlin = Schedule::new(Rule::Cron("0 3 * * * Europe/Berlin"));
        check(berlin, "cron 0 3 * * * Europe/Berlin");
        let moment = Timestamp::from_millis(1_798_761_600_000);
        check(
            Schedule::new(Rule::Once(moment)),
            "once 2027-01-01T00:00:00Z",
        );
        let bounded = Schedule {
            start: Some(moment),
            expiry: Some(moment.plus(HOUR)),
            ..every(60)
        };
        check(
            bounded,
            "every 1m from 2027-01-01T00:00:00Z until 2027-01-01T01:00:00Z",
        );
    }

    #[test]
    fn a_schedule_that_no_timer_can_have_is_refused() {
        let sound = Schedule::new(Rule::Every(HOUR));
        assert_eq!(Ok(()), sound.check());
        let refused = [
            Schedule::new(Rule::Every(Duration::from_millis(999))),
            Schedule::new(Rule::Every(HOUR * 24 * 367)),
            Schedule::new(Rule::Cron("0 0 31 2 *")),
            Schedule::new(Rule::Cron("never")),
            Schedule {
                jitter: HOUR,
                ..sound
            },
            Schedule {
                start: Some(Timestamp::from_millis(1)),
                expiry: Some(Timestamp::from_millis(1)),
                ..sound
            },
        ];
        for schedule in refused {
            assert!(schedule.check().is_err(), "{schedule:?}");
        }
    }
}
