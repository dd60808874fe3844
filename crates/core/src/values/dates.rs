//! The dates that clients write as texts (wire contract, sections 8.2 and 10).
//!
//! The crate `jiff` reads them: its patterns are those of `strftime`, which readers know, and it
//! refuses a 30th of February instead of counting on.

use jiff::{
    civil::{Date, Time},
    fmt::strtime::{self, BrokenDownTime},
    tz::Offset,
};

/// The days that are understood, before a time or alone. English names, in any case.
const DAYS: [&str; 10] = [
    "%Y-%m-%d",     // 2015-03-23
    "%Y/%m/%d",     // 2015/03/23
    "%m/%d/%Y",     // 03/23/2015, the month first
    "%m-%d-%Y",     // 03-23-2015, the month first
    "%d.%m.%Y",     // 23.03.2015
    "%d-%b-%Y",     // 23-Mar-2015
    "%d %b %Y",     // 23 Mar 2015
    "%b %d, %Y",    // Mar 23, 2015
    "%a, %d %b %Y", // Mon, 23 Mar 2015
    "%a %b %d %Y",  // Mon Mar 23 2015
];

/// What may follow a day, after a `T` or a space.
const TIMES: [&str; 4] = [
    "%I:%M:%S %p", // 1:07:01 PM
    "%I:%M %p",    // 1:07 PM
    "%H:%M:%S%.f", // 13:07:01, 13:07:01.250
    "%H:%M",       // 13:07
];

/// What may follow a time, beside nothing at all, which is UTC.
const ZONES: [&str; 6] = [
    "Z", "UTC", "GMT",   //
    "%:::z", // +01:00, +01
    "%z",    // +0100
    "GMT%z", // GMT+0100
];

/// Smallest year of a date in a text: a smaller one is likely a year of two digits, which could be
/// of any century.
const FIRST_YEAR: i16 = 1000;

/// The dates of JavaScript reach so many milliseconds from 1970 in both directions; so do ours.
const FURTHEST: i64 = 8_640_000_000_000_000;

/// Longest text that is looked at; none that is a date comes near it.
const LONGEST: usize = 64;

/// Whether a date can have so many milliseconds since 1970.
pub(crate) fn is_date(millis: i64) -> bool {
    (-FURTHEST..=FURTHEST).contains(&millis)
}

/// The milliseconds since 1970 that a text stands for: digits alone are these milliseconds, all
/// else is read as [`DAYS`], [`TIMES`] and [`ZONES`] say.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    if let Ok(millis) = text.parse::<i64>() {
        return is_date(millis).then_some(millis);
    }
    let (date, rest) = DAYS.iter().find_map(|day| {
        let (parsed, rest) = prefix(day, text)?;
        let date = parsed.to_date().ok()?;
        (date.year() >= FIRST_YEAR && is_end_of_day(rest)).then_some((date, rest))
    })?;
    let (time, rest) = match rest.strip_prefix(['T', 't', ' ']) {
        Some(rest) => TIMES.iter().find_map(|time| {
            let (parsed, rest) = prefix(time, rest)?;
            let time = parsed.to_time().ok()?;
            Some((time, zone(rest.trim_start())?))
        })?,
        None => (Time::midnight(), zone(rest)?),
    };
    millis(date, time, rest)
}

fn is_end_of_day(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['T', 't', ' ', 'Z', 'z'])
}

/// The offset that a zone stands for.
fn zone(text: &str) -> Option<Offset> {
    if text.is_empty() {
        return Some(Offset::UTC);
    }
    ZONES.iter().find_map(|zone| {
        if text.eq_ignore_ascii_case(zone) {
            return Some(Offset::UTC);
        }
        strtime::parse(zone, text).ok()?.offset()
    })
}

fn millis(date: Date, time: Time, offset: Offset) -> Option<i64> {
    let timestamp = offset.to_timestamp(date.to_datetime(time)).ok()?;
    Some(timestamp.as_millisecond())
}

/// What a pattern makes of the beginning of a text, and what is left.
fn prefix<'a>(pattern: &str, text: &'a str) -> Option<(BrokenDownTime, &'a str)> {
    let (parsed, read) = BrokenDownTime::parse_prefix(pattern, text).ok()?;
    Some((parsed, text.get(read..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2015-03-23T00:00:00Z
    const DAY: i64 = 1_427_068_800_000;
    /// 13:07:01
    const TIME: i64 = ((13 * 60 + 7) * 60 + 1) * 1000;

    #[track_caller]
    fn check(text: &str, expected: impl Into<Option<i64>>) {
        assert_eq!(expected.into(), parse_date(text), "{text}");
    }

    #[test]
    fn a_day_is_its_first_moment_in_utc() {
        for text in [
            "2015-03-23",
            "2015-3-23",
            "2015/03/23",
            "03/23/2015",
            "3/23/2015",
            "03-23-2015",
            "23.03.2015",
            "23-Mar-2015",
            "23-mar-2015",
            "23 MAR 2015",
            "Mar 23, 2015",
            "Mon, 23 Mar 2015",
            "Mon Mar 23 2015",
            "2015-03-23Z",
            " 2015-03-23 ",
        ] {
            check(text, DAY);
        }
    }

    #[test]
    fn a_time_may_follow_with_or_without_seconds_and_a_fraction() {
        check("2015-03-23T13:07", DAY + TIME - 1000);
        check("2015-03-23 13:07:01", DAY + TIME);
        check("2015-03-23t13:07:01.25Z", DAY + TIME + 250);
        check("2015-03-23T13:07:01.123456789Z", DAY + TIME + 123);
        check("03/23/2015 13:07:01", DAY + TIME);
        check("03/23/2015 1:07:01 PM", DAY + TIME);
        check("3/23/2015 1:07 pm", DAY + TIME - 1000);
        check("23-Mar-2015 13:07:01", DAY + TIME);
    }

    #[test]
    fn a_zone_may_follow_a_time() {
        let hour = 3_600_000;
        for zone in ["Z", "z", " UTC", " GMT", "+00:00", "-00"] {
            check(&format!("2015-03-23T13:07:01{zone}"), DAY + TIME);
        }
        for zone in ["+01:00", "+01", "+0100", " +01:00", " GMT+0100"] {
            check(&format!("2015-03-23T13:07:01{zone}"), DAY + TIME - hour);
        }
        check("Mon, 23 Mar 2015 13:07:01 GMT", DAY + TIME);
        check("2015-03-23T13:07:01.000-05:30", DAY + TIME + hour * 11 / 2);
    }

    #[test]
    fn digits_alone_are_milliseconds_since_1970() {
        check("1427068800000", DAY);
        check("-1", -1);
        check("0", 0);
        check("2015", 2015);
        check("8640000000000001", None);
        check("99999999999999999999", None);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            " ",
            "today",
            "2015-02-30",
            "2015-13-01",
            "23/03/2015",
            "23-Mar-15",
            "03/23/15",
            "2015-03-23T",
            "2015-03-23T25:00",
            "2015-03-23T13:07:01+99:00",
            "2015-03-23 13:07:01 CET",
            "2015-03-23 junk",
            "2015-03-233",
            "2015-03-23'; --",
            "２０１５-03-23",
        ] {
            check(text, None);
        }
        check(&"1".repeat(1_000_000), None);
    }
}
