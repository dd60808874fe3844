use async_trait::async_trait;
use vestibule_model::Value;
use vestibule_sql::app;
use vestibule_storage::{App, Apps, StorageError};

use crate::Postgres;

#[async_trait]
impl Apps for Postgres {
    async fn app(&self) -> Result<Option<App>, StorageError> {
        let rows = self.pool.all(app::app_and_keys()).await?;
        Ok(app::assemble(rows))
    }

    async fn settings(&self) -> Result<Vec<(String, Value)>, StorageError> {
        self.pool.all(app::settings()).await
    }
}
