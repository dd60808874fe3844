use async_trait::async_trait;
use vestibule_model::{ObjectId, Permission};
use vestibule_sql::{permissions, reads, roles};
use vestibule_storage::{Permissions, StorageError};

use crate::Postgres;

#[async_trait]
impl Permissions for Postgres {
    async fn permissions(&self) -> Result<Vec<Permission>, StorageError> {
        self.pool.all(permissions::all()).await
    }

    async fn roles(&self) -> Result<Vec<String>, StorageError> {
        self.pool.all(roles::all()).await
    }

    async fn roles_of(
        &self,
        users: &[ObjectId],
    ) -> Result<Vec<(ObjectId, Vec<String>)>, StorageError> {
        reads::roles_of(self, users).await
    }
}
