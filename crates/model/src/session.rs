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
