use async_trait::async_trait;
use vestibule_model::HandlerSetting;
use vestibule_sql::handler_settings;
use vestibule_storage::{HandlerSettings, StorageError};

use crate::Postgres;

#[async_trait]
impl HandlerSettings for Postgres {
    async fn handler_settings(&self) -> Result<Vec<HandlerSetting>, StorageError> {
        self.pool.all(handler_settings::all()).await
    }
}
