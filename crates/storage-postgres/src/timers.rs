use async_trait::async_trait;
use vestibule_model::TimerState;
use vestibule_sql::timers;
use vestibule_storage::{StorageError, Timers};

use crate::Postgres;

#[async_trait]
impl Timers for Postgres {
    async fn timers(&self) -> Result<Vec<TimerState>, StorageError> {
        self.pool.all(timers::all()).await
    }
}
