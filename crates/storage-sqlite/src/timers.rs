use async_trait::async_trait;
use vestibule_model::TimerState;
use vestibule_sql::timers;
use vestibule_storage::{StorageError, Timers};

use crate::Sqlite;

#[async_trait]
impl Timers for Sqlite {
    async fn timers(&self) -> Result<Vec<TimerState>, StorageError> {
        self.readers.all(timers::all()).await
    }
}
