use async_trait::async_trait;
use vestibule_model::TimerState;

use crate::StorageError;

/// Reads of timers.
#[async_trait]
pub trait Timers {
    /// Every timer that is stored, by path in ascending order, linked into this program or not.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn timers(&self) -> Result<Vec<TimerState>, StorageError>;
}
