//! A line of a crontab, checked while the author's program is built.

use std::time::Duration;

use cronexpr::{Crontab, FallbackTimezoneOption, ParseOptions};
use jiff::{SignedDuration, Timestamp};
use proc_macro2::{Ident, TokenStream};
use syn::{LitStr, Result};

use crate::attr::wrong;

const FORM: &str = "write five fields (minute, hour, day of the month, month, day of the week) and a \
                    time zone if it is not UTC, like `cron = \"0 3 * * *\"` or `cron = \"0 3 * * * \
                    Europe/Berlin\"`";

/// Where we look for ticks from, so that the same code is right today and in ten years:
/// 2024-01-01, which has a whole leap year after it.
const FROM: i64 = 1_704_067_200;

/// How many ticks we look at to learn how close they are.
const TICKS: usize = 50;

/// A line of a crontab that has ticks.
pub(crate) struct Line {
    text: String,
    crontab: Crontab,
}

impl Line {
    /// The option `cron`.
    pub(super) fn read(value: TokenStream, name: &Ident) -> Result<Self> {
        let Ok(written) = syn::parse2::<LitStr>(value.clone()) else {
            let text = format!("`cron` is a line of a crontab in quotes; {FORM}");
            return Err(wrong(value, name, &text));
        };
        let text = cronexpr::normalize_crontab(&written.value());
        let mut options = ParseOptions::default();
        options.fallback_timezone_option = FallbackTimezoneOption::UTC;
        let zone = text.splitn(6, ' ').nth(5);
        if zone.is_some_and(|zone| !zone.starts_with(char::is_alphabetic) || zone.contains(' ')) {
            let text = format!("this has too many fields, of which seconds are none; {FORM}");
            return Err(wrong(value, name, &text));
        }
        let crontab = cronexpr::parse_crontab_with(&text, options)
            .map_err(|error| wrong(value.clone(), name, &format!("{error}\n{FORM}")))?;
        let line = Self {
            text: match zone {
                Some(_) => text,
                None => text + " UTC",
            },
            crontab,
        };
        match line.next_after(from()) {
            Some(_) => Ok(line),
            None => Err(wrong(
                value,
                name,
                "there is no such day: this timer would never run",
            )),
        }
    }

    /// The five fields and the time zone.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The first tick that does not come before a moment.
    pub(super) fn first_from(&self, moment: Timestamp) -> Option<Timestamp> {
        self.next_after(moment - SignedDuration::from_nanos(1))
    }

    /// The first tick after a moment, if it comes within four years.
    fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        let next = self.crontab.find_next(moment).ok()?;
        Some(next.timestamp())
    }

    /// How close two ticks are, as far as we look.
    pub(super) fn shortest_gap(&self) -> Duration {
        let ticks = std::iter::successors(self.next_after(from()), |tick| self.next_after(*tick));
        let ticks: Vec<Timestamp> = ticks.take(TICKS).collect();
        let gaps = ticks.windows(2).map(|pair| {
            let millis = pair[1].as_millisecond() - pair[0].as_millisecond();
            Duration::from_millis(u64::try_from(millis).unwrap_or_default())
        });
        gaps.min().unwrap_or(Duration::MAX)
    }
}

fn from() -> Timestamp {
    Timestamp::from_second(FROM).unwrap_or(Timestamp::UNIX_EPOCH)
}
