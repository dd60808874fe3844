use std::{fmt, str::FromStr};

use crate::{ObjectId, Properties, Timestamp, Value};

/// A row of the table `Users`: a guest or a registered user.
///
/// System columns are fields; every other column, `email` and `name` included, is a property. The
/// password is in neither: it never leaves the storage but as a hash, and only for a login.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    id: ObjectId,
    /// Who owns the row: the user, unless an operator changed it.
    pub owner_id: Option<ObjectId>,
    /// When the row was made.
    pub created: Timestamp,
    /// When the row was last changed, if ever.
    pub updated: Option<Timestamp>,
    /// When the user last logged in, if ever.
    pub last_login: Option<Timestamp>,
    /// Whether the user is a guest, may log in, or has been disabled.
    pub status: UserStatus,
    /// Every other column, as null where nothing is known.
    pub properties: Properties,
}

impl User {
    /// A user who owns itself and has no properties yet.
    pub fn new(id: ObjectId, status: UserStatus, created: Timestamp) -> Self {
        Self {
            owner_id: Some(id.clone()),
            id,
            created,
            updated: None,
            last_login: None,
            status,
            properties: Properties::new(),
        }
    }

    /// The user's id. It never changes, not even when a guest registers.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }

    /// The address the user logs in with. A guest has none.
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// The name to show. A guest has none.
    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// Whether the user came in without registering.
    pub fn is_guest(&self) -> bool {
        self.status == UserStatus::Guest
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name).and_then(Value::as_text)
    }
}

/// What a user may do, written in the column `userStatus` (wire contract, section 4.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserStatus {
    /// A registered user who may log in.
    Enabled,
    /// Somebody switched the account off; every call of it is refused, logout apart.
    Disabled,
    /// Came in without registering.
    Guest,
    /// Registered, but has not yet confirmed the email address.
    EmailConfirmationPending,
}

impl UserStatus {
    /// The status as it is written on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
            Self::Guest => "GUEST",
            Self::EmailConfirmationPending => "EMAIL_CONFIRMATION_PENDING",
        }
    }
}

impl fmt::Display for UserStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for UserStatus {
    type Err = UnknownUserStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [
            Self::Enabled,
            Self::Disabled,
            Self::Guest,
            Self::EmailConfirmationPending,
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or(UnknownUserStatus)
    }
}

/// A text that names no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a userStatus is ENABLED, DISABLED, GUEST or EMAIL_CONFIRMATION_PENDING")]
pub struct UnknownUserStatus;
