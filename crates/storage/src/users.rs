use async_trait::async_trait;
use vestibule_model::{ActivityTime, ObjectId, PasswordHash, User};

use crate::StorageError;

/// Reads of the table `Users` as users rather than as [`Records`](crate::Records).
#[async_trait]
pub trait Users {
    /// The user with this id.
    ///
    /// # Errors
    /// Fails when the database does not answer; that there is no such user is `None`.
    async fn user(&self, id: &ObjectId) -> Result<Option<User>, StorageError>;

    /// The user with this id, and what a login needs to know.
    ///
    /// # Errors
    /// Fails when the database does not answer; that there is no such user is `None`.
    async fn account(&self, id: &ObjectId) -> Result<Option<Account>, StorageError>;

    /// The user who logs in as `identity`, and what a login needs to know.
    ///
    /// # Errors
    /// Fails when the database does not answer; that there is no such user is `None`.
    async fn account_by_identity(&self, identity: &str) -> Result<Option<Account>, StorageError>;
}

/// A user and what a login needs to know.
#[derive(Clone, Debug)]
pub struct Account {
    /// The row.
    pub user: User,
    /// The password; guests have none.
    pub password: Option<PasswordHash>,
    /// The logins that failed since the last one that did not.
    pub failed_logins: FailedLogins,
}

/// The logins in a row that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailedLogins {
    /// How many.
    pub count: u32,
    /// When the last one did.
    pub last: ActivityTime,
}
