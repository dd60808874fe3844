use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sha2::{Digest, Sha256};
use vestibule::Monotonic;

use crate::link::LIVES;

/// Keys remembered at most, of each kind. A flood of more of them makes us forget rather than refuse:
/// nobody can lock others out by it.
const REMEMBERED_AT_MOST: usize = 65_536;

/// What strangers may ask for. Each server counts for itself, and from zero when it starts.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Calls, by where they come from.
    pub(crate) callers: Counts<Neighbourhood>,
    /// Mails, by whom they are for.
    pub(crate) mailboxes: Counts<Mailbox>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            callers: Counts::new(Limit {
                at_most: 20,
                span: Duration::from_secs(60),
                pause: Duration::ZERO,
            }),
            // The span is as long as a link works. So whoever gets no mail, since somebody else asked
            // for too many, has one with a link that works: the newest was sent within the span.
            mailboxes: Counts::new(Limit {
                at_most: 3,
                span: LIVES,
                pause: Duration::from_secs(60),
            }),
        }
    }
}

/// Where a call comes from: an IPv4 address, or the /56 of an IPv6 address, which is what one
/// customer of a provider has (RIPE-690).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Neighbourhood(IpAddr);

impl Neighbourhood {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !(u128::MAX >> 56)).into(),
            v4 => v4,
        })
    }
}

/// An address that mails go to, as a hash: it takes less room, and is told to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mailbox([u8; 32]);

impl Mailbox {
    /// Users are found whatever the case of their address, so it does not count here either.
    pub(crate) fn of(email: &str) -> Self {
        Self(Sha256::digest(email.to_lowercase()).into())
    }
}

/// So many in a span that begins with the first of them, and none sooner after another than the
/// pause.
#[derive(Clone, Copy, Debug)]
struct Limit {
    at_most: u32,
    span: Duration,
    pause: Duration,
}

/// How much of a limit was used, by key.
#[derive(Debug)]
pub(crate) struct Counts<K> {
    limit: Limit,
    remembered: Mutex<HashMap<K, Count>>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Monotonic,
    last: Monotonic,
    count: u32,
}

impl<K: Eq + Hash> Counts<K> {
    fn new(limit: Limit) -> Self {
        Self {
            limit,
            remembered: Mutex::default(),
        }
    }

    /// Uses one.
    ///
    /// # Errors
    /// How long to wait for one, if there is none.
    pub(crate) fn spend(&self, key: K, now: Monotonic) -> Result<(), Duration> {
        let mut remembered = self.lock();
        let earlier = remembered.get(&key).copied();
        let earlier = earlier.filter(|count| !self.limit.is_over(count, now));
        if earlier.is_none() && remembered.len() >= REMEMBERED_AT_MOST {
            self.limit.make_room(&mut remembered, now);
        }
        let count = match earlier {
            None => Count {
                since: now,
                last: now,
                count: 1,
            },
            Some(count) => {
                let wait = self.limit.wait(&count, now);
                if !wait.is_zero() {
                    return Err(wait);
                }
                Count {
                    last: now,
                    count: count.count.saturating_add(1),
                    ..count
                }
            }
        };
        remembered.insert(key, count);
        Ok(())
    }

    /// Gives one back that came to nothing. The pause stays: to try again at once helps nobody.
    pub(crate) fn give_back(&self, key: &K) {
        if let Some(count) = self.lock().get_mut(key) {
            count.count = count.count.saturating_sub(1);
        }
    }

    /// Begins anew for this key.
    pub(crate) fn forget(&self, key: &K) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Count>> {
        // Each change is a single one, so a poisoned lock holds sound counts.
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Limit {
    fn wait(&self, count: &Count, now: Monotonic) -> Duration {
        let pause = left(self.pause, count.last, now);
        if count.count < self.at_most {
            return pause;
        }
        pause.max(left(self.span, count.since, now))
    }

    /// Whether it is as if there had been none.
    fn is_over(&self, count: &Count, now: Monotonic) -> bool {
        let left = left(self.span, count.since, now).max(left(self.pause, count.last, now));
        left.is_zero()
    }

    /// At least half of the room, so that it is not looked for again with the next key.
    fn make_room<K: Eq + Hash>(&self, remembered: &mut HashMap<K, Count>, now: Monotonic) {
        remembered.retain(|_, count| !self.is_over(count, now));
        if remembered.len() > REMEMBERED_AT_MOST / 2 {
            remembered.clear();
        }
    }
}

/// What is left of a time that began then.
fn left(time: Duration, began: Monotonic, now: Monotonic) -> Duration {
    time.saturating_sub(now.since(began))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &str = "ann@example.com";

    fn at(seconds: u64) -> Monotonic {
        Monotonic::from_start(Duration::from_secs(seconds))
    }

    #[test]
    fn a_mailbox_gets_a_mail_a_minute_and_three_while_a_link_works() {
        let limits = Limits::default();
        let spend = |seconds| limits.mailboxes.spend(Mailbox::of(ANN), at(seconds));
        assert_eq!(Ok(()), spend(0));
        assert_eq!(Err(Duration::from_secs(1)), spend(59));
        assert_eq!(Ok(()), spend(60));
        assert_eq!(Ok(()), spend(120));
        assert_eq!(Err(Duration::from_secs(15 * 60 - 180)), spend(180));
        assert_eq!(Ok(()), spend(15 * 60));
    }

    #[test]
    fn whoever_gets_no_mail_has_a_link_that_works() {
        let limits = Limits::default();
        let mut newest = None;
        // Somebody who never gives up, for a day.
        for second in 0..24 * 60 * 60 {
            match limits.mailboxes.spend(Mailbox::of(ANN), at(second)) {
                Ok(()) => newest = Some(at(second)),
                Err(_) => assert!(at(second).since(newest.unwrap()) < LIVES, "at {second} s"),
            }
        }
    }

    #[test]
    fn a_mailbox_begins_anew_and_gets_back_what_came_to_nothing() {
        let limits = Limits::default();
        let (counts, ann) = (&limits.mailboxes, Mailbox::of(ANN));
        for mail in 0..3 {
            counts.spend(ann, at(60 * mail)).unwrap();
        }
        counts.give_back(&ann);
        assert_eq!(Err(Duration::from_secs(60)), counts.spend(ann, at(120)));
        assert_eq!(Ok(()), counts.spend(ann, at(180)));
        assert!(counts.spend(ann, at(240)).is_err());
        counts.forget(&ann);
        assert_eq!(
            Ok(()),
            counts.spend(Mailbox::of("Ann@Example.COM"), at(240))
        );
        assert!(counts.spend(ann, at(240)).is_err());
    }

    #[test]
    fn a_flood_takes_no_more_memory_and_locks_nobody_out() {
        let limits = Limits::default();
        for number in 0..3 * REMEMBERED_AT_MOST {
            let mailbox = Mailbox::of(&format!("user{number}@example.com"));
            assert_eq!(Ok(()), limits.mailboxes.spend(mailbox, at(0)));
            assert!(limits.mailboxes.lock().len() <= REMEMBERED_AT_MOST);
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
