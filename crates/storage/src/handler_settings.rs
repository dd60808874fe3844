use async_trait::async_trait;
use vestibule_model::HandlerSetting;

use crate::StorageError;

/// Reads of what the operator wants of handlers.
#[async_trait]
pub trait HandlerSettings {
    /// Everything that is stored of handlers, by path in ascending order, whether they are linked into
    /// this program or not.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn handler_settings(&self) -> Result<Vec<HandlerSetting>, StorageError>;
}
