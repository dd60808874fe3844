use async_trait::async_trait;
use vestibule_model::{LinkPurpose, ObjectId, OneTimeLink, Selector};

use crate::StorageError;

/// Reads of the links that were mailed to users.
#[async_trait]
pub trait OneTimeLinks {
    /// The link with this selector, expired or not.
    ///
    /// # Errors
    /// Fails when the database does not answer; that there is no such link is `None`.
    async fn one_time_link(&self, selector: &Selector)
    -> Result<Option<OneTimeLink>, StorageError>;

    /// The link of this user for this purpose, expired or not.
    ///
    /// # Errors
    /// Fails when the database does not answer; that there is no such link is `None`.
    async fn one_time_link_of(
        &self,
        user_id: &ObjectId,
        purpose: LinkPurpose,
    ) -> Result<Option<OneTimeLink>, StorageError>;
}
