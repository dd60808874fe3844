use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sha2::{Digest, Sha256};
use vestibule_model::Monotonic;

/// How long nobody gets another mail who has just got one: whoever knows an address must not be able
/// to fill its mailbox.
const PAUSE: Duration = Duration::from_secs(60);

/// How long mails are counted together: as long as the link works that lives shortest. So who may have
/// no more mails has one with a link that works.
const SPAN: Duration = Duration::from_secs(60 * 60);

/// Mails to an address in a span.
const IN_A_SPAN: u32 = 5;

/// Addresses that are remembered; further ones wait until there is room.
const REMEMBERED_AT_MOST: usize = 10_000;

/// Why somebody gets a mail. Occasions do not count together: who has just registered may ask for
/// another mail at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Occasion {
    Registration,
    Resend,
    Restore,
}

/// Bounds the mails that strangers can have sent to an address, whoever has it at the time: a user may
/// be removed and made anew, and take somebody else's address. Each server counts for itself.
#[derive(Debug, Default)]
pub(super) struct Quota(Mutex<HashMap<Key, Mailed>>);

/// The hash of an address, which takes less room than the address.
type Key = ([u8; 32], Occasion);

/// What an address got.
#[derive(Debug)]
struct Mailed {
    last: Monotonic,
    since: Monotonic,
    count: u32,
}

impl Quota {
    /// Takes a mail from the quota.
    ///
    /// # Errors
    /// How long to wait, if there is none left.
    pub(super) fn spend(
        &self,
        address: &str,
        occasion: Occasion,
        now: Monotonic,
    ) -> Result<(), Duration> {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(address, occasion);
        if let Some(mailed) = remembered.get_mut(&key)
            && !mailed.is_over(now)
        {
            return mailed.spend(now);
        }
        if remembered.len() >= REMEMBERED_AT_MOST {
            remembered.retain(|_, mailed| !mailed.is_over(now));
        }
        if remembered.len() >= REMEMBERED_AT_MOST {
            remembered.retain(|_, mailed| !mailed.pause(now).is_zero());
        }
        if remembered.len() >= REMEMBERED_AT_MOST {
            return Err(PAUSE);
        }
        let first = Mailed {
            last: now,
            since: now,
            count: 1,
        };
        remembered.insert(key, first);
        Ok(())
    }

    /// Gives a mail back that could not be sent. The pause stays: to try again at once helps nobody.
    pub(super) fn give_back(&self, address: &str, occasion: Occasion) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mailed) = remembered.get_mut(&key(address, occasion)) {
            mailed.count = mailed.count.saturating_sub(1);
        }
    }
}

impl Mailed {
    fn spend(&mut self, now: Monotonic) -> Result<(), Duration> {
        let mut wait = self.pause(now);
        if self.count >= IN_A_SPAN {
            wait = wait.max(left(SPAN, self.since, now));
        }
        if !wait.is_zero() {
            return Err(wait);
        }
        self.last = now;
        self.count += 1;
        Ok(())
    }

    fn pause(&self, now: Monotonic) -> Duration {
        left(PAUSE, self.last, now)
    }

    /// Whether it is as if there had been no mail.
    fn is_over(&self, now: Monotonic) -> bool {
        self.pause(now).is_zero() && left(SPAN, self.since, now).is_zero()
    }
}

/// What is left of a time that began then.
fn left(time: Duration, began: Monotonic, now: Monotonic) -> Duration {
    time.saturating_sub(now.since(began))
}

/// Mailboxes do not tell the case of letters apart.
fn key(address: &str, occasion: Occasion) -> Key {
    (Sha256::digest(address.to_lowercase()).into(), occasion)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &str = "ann@example.com";

    #[test]
    fn there_is_a_pause_behind_each_mail_and_a_longer_one_behind_the_fifth() {
        let (quota, start) = (Quota::default(), Monotonic::default());
        let spend = |seconds: u64| {
            let now = start.plus(Duration::from_secs(seconds));
            quota.spend(ANN, Occasion::Restore, now)
        };
        for mail in 0..4 {
            assert_eq!(Ok(()), spend(60 * mail));
        }
        assert_eq!(Err(Duration::from_secs(40)), spend(200));
        assert_eq!(Ok(()), spend(3590));
        assert_eq!(Err(PAUSE), spend(3590));
        assert_eq!(Err(Duration::from_secs(1)), spend(3649));
        assert_eq!(Ok(()), spend(3650));
    }

    #[test]
    fn whoever_has_had_five_mails_waits_for_the_end_of_the_hour() {
        let (quota, start) = (Quota::default(), Monotonic::default());
        for mail in 0..5 {
            let now = start.plus(PAUSE * mail);
            assert_eq!(Ok(()), quota.spend(ANN, Occasion::Restore, now));
        }
        let later = start.plus(PAUSE * 10);
        let again = quota.spend(ANN, Occasion::Restore, later);
        assert_eq!(Err(PAUSE * 50), again);
        quota.give_back(ANN, Occasion::Restore);
        assert_eq!(Ok(()), quota.spend(ANN, Occasion::Restore, later));
    }

    #[test]
    fn the_case_of_an_address_does_not_count_and_the_occasion_does() {
        let (quota, now) = (Quota::default(), Monotonic::default());
        assert_eq!(Ok(()), quota.spend(ANN, Occasion::Restore, now));
        assert_eq!(Ok(()), quota.spend(ANN, Occasion::Resend, now));
        let again = quota.spend("Ann@Example.com", Occasion::Resend, now);
        assert_eq!(Err(PAUSE), again);
    }

    #[test]
    fn the_memory_is_bounded_and_makes_room_after_a_minute() {
        let (quota, now) = (Quota::default(), Monotonic::default());
        let spend = |number: usize, now| {
            let address = format!("user{number}@example.com");
            quota.spend(&address, Occasion::Restore, now)
        };
        for number in 0..REMEMBERED_AT_MOST {
            assert_eq!(Ok(()), spend(number, now));
        }
        assert_eq!(Err(PAUSE), spend(REMEMBERED_AT_MOST, now));
        assert_eq!(Ok(()), spend(REMEMBERED_AT_MOST, now.plus(PAUSE)));
    }
}
