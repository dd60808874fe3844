use async_trait::async_trait;
use vestibule_model::{ObjectId, User};
use vestibule_sql::users;
use vestibule_storage::{Account, StorageError, UserQuery, Users};

use crate::Sqlite;

#[async_trait]
impl Users for Sqlite {
    async fn user(&self, id: &ObjectId) -> Result<Option<User>, StorageError> {
        let query = users::by_id(&self.catalogue.current(), id);
        self.readers.first(query).await
    }

    async fn account(&self, id: &ObjectId) -> Result<Option<Account>, StorageError> {
        let query = users::account_by_id(&self.catalogue.current(), id);
        self.readers.first(query).await
    }

    async fn account_by_identity(&self, identity: &str) -> Result<Option<Account>, StorageError> {
        let query = users::account_by_identity(&self.catalogue.current(), identity);
        self.readers.first(query).await
    }

    async fn find_users(&self, query: &UserQuery) -> Result<Vec<User>, StorageError> {
        let query = users::page(&self.catalogue.current(), query);
        self.readers.all(query).await
    }
}
