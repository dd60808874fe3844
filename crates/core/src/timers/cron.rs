//! Ticks by a line of a crontab.

use std::time::Duration;

use cronexpr::{Crontab, MakeTimestamp, parse_crontab};
use jiff::{civil, tz::TimeZone};
use vestibule_model::Timestamp;

/// How far one search of `cronexpr` looks ahead; it gives up after four years.
const ONE_SEARCH: Duration = Duration::from_secs(4 * 365 * 24 * 60 * 60);

/// Searches before a line counts as one that never comes. A certain date falls on a certain day of the
/// week within 40 years.
const SEARCHES: u32 = 11;

/// No clock shows anything later, and reckoning with what is near the end of time may fail.
const END_OF_TIME: Timestamp = Timestamp::from_millis(200_000_000_000_000);

/// A line of a crontab: minute, hour, day of month, month, day of week, and perhaps a time zone.
pub(super) struct Cron {
    line: Crontab,
    /// The zone of the clock that the line is about, if the line itself is reckoned in UTC.
    wall: Option<TimeZone>,
}

impl Cron {
    /// Reads a line; without a time zone it is about UTC.
    ///
    /// Where clocks are put forward or back, a line that names hours has each of its ticks once: a time
    /// that is left out comes as much later as the clock was moved, and of a time that comes twice the
    /// first counts. A line for every hour goes on in real time. So do the crons that people know.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let words: Vec<_> = line.split_whitespace().collect();
        let (fields, zone) = match words.as_slice() {
            [fields @ .., zone] if fields.len() == 5 => (fields, *zone),
            fields if fields.len() == 5 => (fields, "UTC"),
            _ => {
                return Err(format!(
                    "`{line}` is no line of a crontab: write minute, hour, day of month, month and \
                     day of week, `0 3 * * *`, and a time zone if it is not UTC"
                ));
            }
        };
        let follows_the_wall = zone != "UTC" && !fields[1].starts_with('*');
        let wall =
            if follows_the_wall {
                let wall = TimeZone::get(zone);
                Some(wall.map_err(|error| {
                    format!("`{zone}` is no time zone that is known here: {error}")
                })?)
            } else {
                None
            };
        let zone = if follows_the_wall { "UTC" } else { zone };
        let line = parse_crontab(&format!("{} {zone}", fields.join(" ")))
            .map_err(|error| format!("`{line}` is no line of a crontab: {error}"))?;
        Ok(Self { line, wall })
    }

    /// The first tick after this moment; none if there is none within 40 years.
    pub(super) fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        let Some(wall) = &self.wall else {
            return self.search(moment);
        };
        let shown = jiff(moment)?.to_zoned(wall.clone()).datetime();
        let mut shown = timestamp(shown.to_zoned(TimeZone::UTC).ok()?.timestamp());
        loop {
            shown = self.search(shown)?;
            let time: civil::DateTime = jiff(shown)?.to_zoned(TimeZone::UTC).datetime();
            let tick = timestamp(wall.to_ambiguous_zoned(time).compatible().ok()?.timestamp());
            // Not after it: the clock shows this time again, after it was put back.
            if tick > moment {
                return Some(tick);
            }
        }
    }

    fn search(&self, moment: Timestamp) -> Option<Timestamp> {
        let mut from = moment;
        for _ in 0..SEARCHES {
            if from >= END_OF_TIME {
                return None;
            }
            if let Ok(tick) = self.line.find_next(MakeTimestamp(jiff(from)?)) {
                return Some(timestamp(tick.timestamp()));
            }
            from = from.plus(ONE_SEARCH);
        }
        None
    }
}

fn jiff(moment: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(moment.as_millis()).ok()
}

fn timestamp(moment: jiff::Timestamp) -> Timestamp {
    Timestamp::from_millis(moment.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first ticks after a moment.
    fn ticks(line: &str, after: &str, count: usize) -> Vec<String> {
        let cron = Cron::parse(line).unwrap();
        let mut moment = timestamp(after.parse().unwrap());
        let mut ticks = Vec::new();
        for _ in 0..count {
            moment = cron.after(moment).unwrap();
            ticks.push(jiff(moment).unwrap().to_string());
        }
        ticks
    }

    #[track_caller]
    fn check(line: &str, after: &str, expected: &[&str]) {
        assert_eq!(expected, ticks(line, after, expected.len()), "{line}");
    }

    #[test]
    fn a_line_without_a_zone_is_about_utc() {
        check(
            "0 3 * * *",
            "2026-03-28T03:00:00Z",
            &["2026-03-29T03:00:00Z", "2026-03-30T03:00:00Z"],
        );
    }

    #[test]
    fn a_time_that_the_clock_leaves_out_comes_later_and_once() {
        // On 2026-03-29 the clock in Berlin goes from 02:00 to 03:00.
        check(
            "30 2 * * * Europe/Berlin",
            "2026-03-28T00:00:00Z",
            &[
                "2026-03-28T01:30:00Z",
                "2026-03-29T01:30:00Z",
                "2026-03-30T00:30:00Z",
            ],
        );
        check(
            "30 2,3 * * * Europe/Berlin",
            "2026-03-29T00:00:00Z",
            &["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"],
        );
    }

    #[test]
    fn of_a_time_that_comes_twice_the_first_counts() {
        // On 2026-10-25 the clock in Berlin goes from 03:00 back to 02:00.
        check(
            "30 2 * * * Europe/Berlin",
            "2026-10-24T12:00:00Z",
            &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        );
        check(
            "30 2 * * * Europe/Berlin",
            "2026-10-25T01:00:00Z",
            &["2026-10-26T01:30:00Z"],
        );
    }

    #[test]
    fn a_line_for_every_hour_goes_on_in_real_time() {
        check(
            "30 * * * * Europe/Berlin",
            "2026-10-24T23:45:00Z",
            &[
                "2026-10-25T00:30:00Z",
                "2026-10-25T01:30:00Z",
                "2026-10-25T02:30:00Z",
            ],
        );
        check(
            "30 * * * * Europe/Berlin",
            "2026-03-29T00:00:00Z",
            &["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"],
        );
    }

    #[test]
    fn a_date_that_is_rare_comes_and_one_that_there_is_not_never_does() {
        check(
            "0 0 29 2 *",
            "2096-03-01T00:00:00Z",
            &["2104-02-29T00:00:00Z"],
        );
        let never = Cron::parse("0 0 31 2 *").unwrap();
        assert_eq!(None, never.after(Timestamp::default()));
        assert_eq!(None, never.after(Timestamp::from_millis(i64::MAX)));
    }

    #[test]
    fn what_is_no_line_is_refused_with_what_to_write() {
        for line in [
            "",
            "0 3 * *",
            "0 3 * * * Europe/Berlin 1",
            "61 3 * * *",
            "0 3 * * * Mars/Base",
        ] {
            let error = Cron::parse(line).err().unwrap();
            assert!(error.starts_with('`'), "{error}");
        }
    }
}
