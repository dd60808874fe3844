use crate::{ObjectId, Selector, Timestamp, VerifierHash};

/// A link that was mailed to a user and works once, as it is stored: like a session's token it has
/// a selector that finds it, and a secret of which only the SHA-256 is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeLink {
    /// The row's key.
    pub selector: Selector,
    /// What the secret half must hash to.
    pub verifier_hash: VerifierHash,
    /// Whom it was mailed to.
    pub user_id: ObjectId,
    /// What it is good for.
    pub purpose: LinkPurpose,
    /// The address it was mailed to; a link to an address that the user has no more is dead.
    pub email: String,
    /// When it was made.
    pub created: Timestamp,
    /// The last moment at which it works.
    pub expires: Timestamp,
}

/// What a one-time link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkPurpose {
    /// Setting a new password.
    RestorePassword,
    /// Confirming an email address.
    ConfirmEmail,
}

impl LinkPurpose {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RestorePassword => "restorePassword",
            Self::ConfirmEmail => "confirmEmail",
        }
    }

    /// The purpose of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::RestorePassword, Self::ConfirmEmail]
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
    }
}
