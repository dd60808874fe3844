use std::fmt;

use crate::{ActivityTime, ObjectId, Timestamp};

/// The public half of a token: the key of the session's row, in the order in which sessions began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector([u8; 16]);

impl Selector {
    /// Takes the bytes as they stand in a token or a row.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes as they stand in a token or a row.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The last selector that a session can have which began at this moment: no session that began
    /// then or before has a greater one.
    ///
    /// ```
    /// use vestibule_model::{Selector, Timestamp};
    ///
    /// let last = Selector::last_of(Timestamp::from_millis(0x0192_0000_0001));
    /// assert_eq!([1, 146, 0, 0, 0, 1, 255, 255], last.as_bytes()[..8]);
    /// ```
    pub fn last_of(moment: Timestamp) -> Self {
        // Selectors are UUIDs of version 7, which begin with 48 bits of milliseconds.
        let millis = u64::try_from(moment.as_millis()).unwrap_or_default();
        let mut bytes = [u8::MAX; 16];
        if let (Some(start), [0, 0, millis @ ..]) = (bytes.get_mut(..6), millis.to_be_bytes()) {
            start.copy_from_slice(&millis);
        }
        Self(bytes)
    }
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Selector({})", uuid::Uuid::from_bytes(self.0))
    }
}

/// The SHA-256 of the secret half of a token; all that is ever stored of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifierHash([u8; 32]);

impl VerifierHash {
    /// Takes the bytes of a hash.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for VerifierHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifierHash(..)")
    }
}

/// A login that has not ended, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The row's key.
    pub selector: Selector,
    /// What the secret half of the token must hash to.
    pub verifier_hash: VerifierHash,
    /// Who logged in.
    pub user_id: ObjectId,
    /// When, by the wall clock; the absolute lifetime counts from here.
    pub created: Timestamp,
    /// When it was last used; the inactivity timeout counts from here.
    pub last_used: ActivityTime,
}
