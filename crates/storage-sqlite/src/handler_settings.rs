use async_trait::async_trait;
use vestibule_model::HandlerSetting;
use vestibule_sql::handler_settings;
use vestibule_storage::{HandlerSettings, StorageError};

use crate::Sqlite;

#[async_trait]
impl HandlerSettings for Sqlite {
    async fn handler_settings(&self) -> Result<Vec<HandlerSetting>, StorageError> {
        self.readers.all(handler_settings::all()).await
    }
}
