//! Durations and moments, as the options of a timer write them.

use std::time::Duration;

use jiff::Timestamp;
use proc_macro2::{Ident, TokenStream};
use syn::{LitStr, Result};

use crate::attr::wrong;

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// The shortest time between two ticks; a timer is no loop.
const SHORTEST: Duration = Duration::from_secs(1);

/// The longest one: what is rarer has a date.
const LONGEST: Duration = Duration::from_secs(366 * SECONDS_A_DAY);

/// The option `every`.
pub(super) fn every(value: TokenStream, name: &Ident) -> Result<Duration> {
    match duration(&value) {
        None => Err(wrong(
            value,
            name,
            "`every` is a whole number with a unit (s, m, h or d) in quotes, like `every = \"1h\"`",
        )),
        Some(time) if time < SHORTEST => Err(wrong(
            value,
            name,
            "a timer runs once a second at most; write `every = \"1s\"` or more",
        )),
        Some(time) if time > LONGEST => Err(wrong(
            value,
            name,
            "`every` is 366 days at most; for what is rarer write `cron = \"..\"` or `once = \"..\"`",
        )),
        Some(time) => Ok(time),
    }
}

/// The option `jitter`.
pub(super) fn jitter(value: TokenStream, name: &Ident) -> Result<Duration> {
    match duration(&value) {
        Some(time) if time > LONGEST => Err(wrong(value, name, "`jitter` is 366 days at most")),
        Some(time) => Ok(time),
        None => Err(wrong(
            value,
            name,
            "`jitter` is a whole number with a unit (s, m, h or d) in quotes, like `jitter = \"30s\"`",
        )),
    }
}

/// The options `once`, `start` and `expiry`.
pub(super) fn moment(value: TokenStream, name: &Ident) -> Result<Timestamp> {
    let text = syn::parse2::<LitStr>(value.clone()).map(|text| text.value());
    text.ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
        let text = format!(
            "`{name}` is a moment with its offset from UTC, as RFC 3339 writes it: `{name} = \
                 \"2027-01-31T08:00:00Z\"` or `{name} = \"2027-01-31T09:00:00+01:00\"`"
        );
        wrong(value, name, &text)
    })
}

fn duration(value: &TokenStream) -> Option<Duration> {
    let text = syn::parse2::<LitStr>(value.clone()).ok()?.value();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => SECONDS_A_DAY,
        _ => return None,
    };
    // A number too large for a duration is too long as well.
    let number = number.parse::<u64>().or_else(|error| match error.kind() {
        std::num::IntErrorKind::PosOverflow => Ok(u64::MAX),
        _ => Err(error),
    });
    Some(Duration::from_secs(number.ok()?.saturating_mul(seconds)))
}
