use std::time::Duration;

use sha2::{Digest, Sha256};
use vestibule::prelude::*;

/// How much work a guest is: the zero bits that the hash begins with. 2 to the power of this many
/// hashes on average: less than a second on a phone.
pub const WORK_BITS: u32 = 18;

/// How long a challenge is good for.
pub(crate) const GOOD_FOR: Duration = Duration::from_secs(120);

/// A piece of work that was done for a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Proof {
    asked: Timestamp,
    number: u64,
}

impl Proof {
    /// What to work on: the server's time. It is no secret, and costs nothing to remember.
    pub(crate) fn challenge(now: Timestamp) -> String {
        now.as_millis().to_string()
    }

    /// Reads a proof; none if it is not one, or if too little work was done.
    pub fn parse(text: &str) -> Option<Self> {
        let (asked, number) = text.split_once('.')?;
        let proof = Self {
            asked: Timestamp::from_millis(asked.parse().ok()?),
            number: number.parse().ok()?,
        };
        // Written anew, so that no second spelling of a number makes a second proof of it.
        (proof.text() == text && work_in(text) >= WORK_BITS).then_some(proof)
    }

    /// Does the work.
    ///
    /// ```
    /// use guest_proof::Proof;
    ///
    /// let proof = Proof::solve("1700000000000").unwrap();
    /// assert_eq!(Some(proof), Proof::parse(&proof.text()));
    /// ```
    ///
    /// What is no challenge has no solution.
    pub fn solve(challenge: &str) -> Option<Self> {
        (0_u64..).find_map(|number| {
            let text = format!("{challenge}.{number}");
            (work_in(&text) >= WORK_BITS).then(|| Self::parse(&text))
        })?
    }

    /// The proof as it is sent.
    pub fn text(&self) -> String {
        format!("{}.{}", self.asked.as_millis(), self.number)
    }

    /// Whether the challenge is one that was told lately. One from the future was told by nobody.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        self.asked <= now && now < self.asked.plus(GOOD_FOR)
    }

    /// From when on nobody has to remember it, since it is too old.
    pub(crate) fn forgotten_at(&self) -> Timestamp {
        self.asked.plus(GOOD_FOR)
    }
}

/// The zero bits that the hash of a text begins with.
fn work_in(text: &str) -> u32 {
    let hash: [u8; 32] = Sha256::digest(text).into();
    let (head, _) = hash.split_at(8);
    head.try_into()
        .map_or(0, |head| u64::from_be_bytes(head).leading_zeros())
}
