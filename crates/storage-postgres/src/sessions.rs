use async_trait::async_trait;
use vestibule_model::{ObjectId, Selector, Session};
use vestibule_sql::sessions;
use vestibule_storage::{ActivityHistory, Sessions, StorageError, StoredSession};

use crate::Postgres;

#[async_trait]
impl Sessions for Postgres {
    async fn session(&self, selector: &Selector) -> Result<Option<StoredSession>, StorageError> {
        let rows = self.pool.all(sessions::by_selector(*selector)).await?;
        Ok(sessions::assemble(rows))
    }

    async fn sessions_of(&self, user_id: &ObjectId) -> Result<Vec<Session>, StorageError> {
        self.pool.all(sessions::of_user(user_id)).await
    }

    async fn activity_history(&self) -> Result<ActivityHistory, StorageError> {
        let rows = self.pool.all(sessions::heartbeat_and_starts()).await?;
        Ok(sessions::history(rows))
    }
}
