use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use vestibule::Monotonic;

const MINUTE: Duration = Duration::from_secs(60);

/// Calls from one neighbourhood, in a minute that begins with the first of them.
const CALLS_A_MINUTE: u32 = 20;

/// Neighbourhoods remembered at most. A flood from more of them makes us forget rather than refuse:
/// nobody can lock others out by it.
const REMEMBERED_AT_MOST: usize = 65_536;

/// How often somebody asked from where. Each server counts for itself, and from zero when it starts.
#[derive(Debug, Default)]
pub(crate) struct Callers(Mutex<HashMap<Neighbourhood, Minute>>);

/// Where a call comes from: an IPv4 address, or the /56 of an IPv6 address, which is what one
/// customer of a provider has (RIPE-690).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Neighbourhood(IpAddr);

#[derive(Clone, Copy, Debug)]
struct Minute {
    began: Monotonic,
    calls: u32,
}

impl Callers {
    /// Counts a call.
    ///
    /// # Errors
    /// How long to wait, if there were too many.
    pub(crate) fn count(&self, caller: Neighbourhood, now: Monotonic) -> Result<(), Duration> {
        // Each change leaves sound numbers, so a poisoned lock holds some.
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minutes.len() >= REMEMBERED_AT_MOST && !minutes.contains_key(&caller) {
            minutes.retain(|_, minute| !minute.left(now).is_zero());
            // Half of the room at least, so that it is not looked for again with the next one.
            if minutes.len() > REMEMBERED_AT_MOST / 2 {
                minutes.clear();
            }
        }
        let new = Minute {
            began: now,
            calls: 0,
        };
        let minute = minutes.entry(caller).or_insert(new);
        if minute.left(now).is_zero() {
            *minute = new;
        }
        if minute.calls >= CALLS_A_MINUTE {
            return Err(minute.left(now));
        }
        minute.calls += 1;
        Ok(())
    }
}

impl Neighbourhood {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !(u128::MAX >> 56)).into(),
            v4 => v4,
        })
    }
}

impl Minute {
    fn left(&self, now: Monotonic) -> Duration {
        MINUTE.saturating_sub(now.since(self.began))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn at(seconds: u64) -> Monotonic {
        Monotonic::from_start(Duration::from_secs(seconds))
    }

    fn stranger(number: usize) -> Neighbourhood {
        let bits = u32::try_from(number).unwrap();
        Neighbourhood::of(Ipv4Addr::from_bits(bits).into())
    }

    #[test]
    fn a_minute_has_twenty_calls_and_says_when_it_is_over() {
        let callers = Callers::default();
        let count = |seconds| callers.count(stranger(1), at(seconds));
        assert!((0..20).all(|second| count(second).is_ok()));
        assert_eq!(Err(Duration::from_secs(1)), count(59));
        assert_eq!(Ok(()), callers.count(stranger(2), at(59)));
        assert!((60..80).all(|second| count(second).is_ok()));
        assert_eq!(Err(Duration::from_secs(40)), count(80));
    }

    #[test]
    fn a_flood_takes_no_more_memory_and_locks_nobody_out() {
        let callers = Callers::default();
        for number in 0..3 * REMEMBERED_AT_MOST {
            assert_eq!(Ok(()), callers.count(stranger(number), at(0)));
            assert!(callers.0.lock().unwrap().len() <= REMEMBERED_AT_MOST);
        }
    }

    #[test]
    fn neighbours_count_together_and_strangers_do_not() {
        let of = |address: &str| Neighbourhood::of(address.parse().unwrap());
        assert_eq!(of("2001:db8:0:1100::1"), of("2001:db8:0:11ff::9"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("2001:db8:0:1100::1"), of("2001:db8:0:1200::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
