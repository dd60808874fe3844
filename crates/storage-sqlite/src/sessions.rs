use async_trait::async_trait;
use vestibule_model::{ObjectId, Selector, Session};
use vestibule_sql::sessions;
use vestibule_storage::{ActivityHistory, Sessions, StorageError, StoredSession};

use crate::Sqlite;

#[async_trait]
impl Sessions for Sqlite {
    async fn session(&self, selector: &Selector) -> Result<Option<StoredSession>, StorageError> {
        let rows = self.readers.all(sessions::by_selector(*selector)).await?;
        Ok(sessions::assemble(rows))
    }

    async fn sessions_of(&self, user_id: &ObjectId) -> Result<Vec<Session>, StorageError> {
        self.readers.all(sessions::of_user(user_id)).await
    }

    async fn activity_history(&self) -> Result<ActivityHistory, StorageError> {
        let rows = self.readers.all(sessions::heartbeat_and_starts()).await?;
        Ok(sessions::history(rows))
    }
}
