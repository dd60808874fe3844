use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use vestibule::Monotonic;

use crate::prefix::Prefix;

const MINUTE: Duration = Duration::from_secs(60);

/// Prefixes remembered at most. A flood from more of them at once shares a single quota.
const PREFIXES_AT_MOST: usize = 65_536;

/// How often room is looked for when there is none: a flood must not make every guest wait for it.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);

/// What each prefix has used up of its quota.
///
/// A generic cell rate algorithm (ITU-T I.371): a prefix is remembered as the moment at which it
/// will have earned back all that it spent, so one number is all it costs.
#[derive(Debug, Default)]
pub(crate) struct Quotas(Mutex<Spent>);

#[derive(Debug, Default)]
struct Spent {
    by_prefix: HashMap<Prefix, Monotonic>,
    /// The quota of all prefixes for which there was no room.
    crowd: Monotonic,
    /// When it is worth while to look for room again.
    next_sweep: Monotonic,
}

impl Quotas {
    /// Spends one login of this prefix, or says how long to wait for one.
    pub(crate) fn spend(
        &self,
        prefix: Prefix,
        per_minute: u32,
        now: Monotonic,
    ) -> Result<(), Duration> {
        if per_minute == 0 {
            return Ok(());
        }
        // Each change is one assignment, so a poisoned lock holds sound numbers.
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earned_back = spent.slot(prefix, now);
        let after = (*earned_back).max(now).plus(MINUTE / per_minute);
        match after.since(now).checked_sub(MINUTE) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                *earned_back = after;
                Ok(())
            }
        }
    }
}

impl Spent {
    fn slot(&mut self, prefix: Prefix, now: Monotonic) -> &mut Monotonic {
        if self.by_prefix.len() >= PREFIXES_AT_MOST && !self.by_prefix.contains_key(&prefix) {
            if now >= self.next_sweep {
                self.by_prefix.retain(|_, earned_back| *earned_back > now);
                self.next_sweep = now.plus(BETWEEN_SWEEPS);
            }
            if self.by_prefix.len() >= PREFIXES_AT_MOST {
                return &mut self.crowd;
            }
        }
        self.by_prefix.entry(prefix).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prefix::PrefixLengths;

    fn at(seconds: u64) -> Monotonic {
        Monotonic::from_start(Duration::from_secs(seconds))
    }

    fn prefix(number: u32) -> Prefix {
        let address = std::net::Ipv4Addr::from_bits(number << 8);
        Prefix::of(address.into(), &PrefixLengths::default())
    }

    #[test]
    fn a_minute_has_as_many_logins_as_the_setting_says() {
        let quotas = Quotas::default();
        let allowed = (0..10)
            .filter(|_| quotas.spend(prefix(1), 6, at(0)).is_ok())
            .count();
        assert_eq!(6, allowed);
        assert_eq!(
            Err(Duration::from_secs(10)),
            quotas.spend(prefix(1), 6, at(0))
        );
        assert_eq!(
            Ok(()),
            quotas.spend(prefix(1), 6, at(10)),
            "one is earned back in 10 s"
        );
        assert_eq!(
            Ok(()),
            quotas.spend(prefix(2), 6, at(0)),
            "others have a quota of their own"
        );
    }

    #[test]
    fn a_flood_from_everywhere_shares_one_quota_and_no_more_memory() {
        let quotas = Quotas::default();
        for number in 0..PREFIXES_AT_MOST {
            quotas
                .spend(prefix(u32::try_from(number).unwrap()), 1, at(0))
                .unwrap();
        }
        let strangers = 1_000_000..1_000_010;
        let allowed = strangers
            .filter(|n| quotas.spend(prefix(*n), 1, at(0)).is_ok())
            .count();
        assert_eq!(1, allowed);
        assert_eq!(PREFIXES_AT_MOST, quotas.0.lock().unwrap().by_prefix.len());
        assert!(
            quotas.spend(prefix(2_000_000), 1, at(61)).is_ok(),
            "room is made in time"
        );
    }
}
