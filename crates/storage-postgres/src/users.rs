use async_trait::async_trait;
use vestibule_model::{ObjectId, User};
use vestibule_sql::{reads::Reads, users};
use vestibule_storage::{Account, StorageError, Users};

use crate::Postgres;

#[async_trait]
impl Users for Postgres {
    async fn user(&self, id: &ObjectId) -> Result<Option<User>, StorageError> {
        let user = self.read(|catalogue| Ok(users::by_id(catalogue, id)));
        user.await.map(|mut rows| rows.pop())
    }

    async fn account(&self, id: &ObjectId) -> Result<Option<Account>, StorageError> {
        let account = self.read(|catalogue| Ok(users::account_by_id(catalogue, id)));
        account.await.map(|mut rows| rows.pop())
    }

    async fn account_by_identity(&self, identity: &str) -> Result<Option<Account>, StorageError> {
        let account = self.read(|catalogue| Ok(users::account_by_identity(catalogue, identity)));
        account.await.map(|mut rows| rows.pop())
    }
}
