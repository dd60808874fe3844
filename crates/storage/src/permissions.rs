use async_trait::async_trait;
use vestibule_model::{ObjectId, Permission};

use crate::StorageError;

/// Reads of roles and permissions.
#[async_trait]
pub trait Permissions {
    /// Every permission but those on single records, in no order. Those on tables that are gone are
    /// not among them.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn permissions(&self) -> Result<Vec<Permission>, StorageError>;

    /// The names of all custom roles, in ascending order.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn roles(&self) -> Result<Vec<String>, StorageError>;

    /// The custom roles of these users, in ascending order; users without one are not in the answer.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn roles_of(
        &self,
        users: &[ObjectId],
    ) -> Result<Vec<(ObjectId, Vec<String>)>, StorageError>;
}
