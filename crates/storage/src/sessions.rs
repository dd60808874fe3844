use async_trait::async_trait;
use vestibule_model::{ActivityTime, ObjectId, Selector, Session, Timestamp, UserStatus};

use crate::StorageError;

/// Reads of sessions.
#[async_trait]
pub trait Sessions {
    /// The session with this selector, with the status and the custom roles of its user.
    ///
    /// # Errors
    /// Fails when the database does not answer; that there is no such session is `None`.
    async fn session(&self, selector: &Selector) -> Result<Option<StoredSession>, StorageError>;

    /// All sessions of a user, expired ones too, in ascending order of their selectors.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn sessions_of(&self, user_id: &ObjectId) -> Result<Vec<Session>, StorageError>;

    /// The times at which servers ran.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn activity_history(&self) -> Result<ActivityHistory, StorageError>;
}

/// A session, and of its user what calls depend on, read in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// The session.
    pub session: Session,
    /// The status of its user.
    pub user_status: UserStatus,
    /// The custom roles of its user, in ascending order.
    pub user_roles: Vec<String>,
}

/// The times at which servers ran, in activity time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityHistory {
    /// The last moment at which a server was known to run.
    pub heartbeat: ActivityTime,
    /// The wall clock of that moment. Where several servers share the database, a start shortly after it
    /// is one beside a server that runs.
    pub wall: Timestamp,
    /// When servers started, in ascending order.
    pub starts: Vec<ActivityTime>,
}
