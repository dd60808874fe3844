use async_trait::async_trait;
use vestibule_model::{ObjectId, Permission};
use vestibule_sql::{permissions, roles};
use vestibule_storage::{Permissions, StorageError};

use crate::Sqlite;

/// How many users one statement asks about their roles.
const USERS_PER_STATEMENT: usize = 1_000;

#[async_trait]
impl Permissions for Sqlite {
    async fn permissions(&self) -> Result<Vec<Permission>, StorageError> {
        self.readers.all(permissions::all()).await
    }

    async fn roles(&self) -> Result<Vec<String>, StorageError> {
        self.readers.all(roles::all()).await
    }

    async fn roles_of(
        &self,
        users: &[ObjectId],
    ) -> Result<Vec<(ObjectId, Vec<String>)>, StorageError> {
        let mut rows = Vec::new();
        for users in users.chunks(USERS_PER_STATEMENT) {
            rows.extend(self.readers.all(roles::of_users(users)).await?);
        }
        Ok(roles::assemble(rows))
    }
}
