use async_trait::async_trait;
use vestibule_model::{LinkPurpose, ObjectId, OneTimeLink, Selector};
use vestibule_sql::one_time_links;
use vestibule_storage::{OneTimeLinks, StorageError};

use crate::Postgres;

#[async_trait]
impl OneTimeLinks for Postgres {
    async fn one_time_link(
        &self,
        selector: &Selector,
    ) -> Result<Option<OneTimeLink>, StorageError> {
        let link = one_time_links::by_selector(*selector);
        self.pool.first(link).await
    }

    async fn one_time_link_of(
        &self,
        user_id: &ObjectId,
        purpose: LinkPurpose,
    ) -> Result<Option<OneTimeLink>, StorageError> {
        let link = one_time_links::of_user(user_id, purpose);
        self.pool.first(link).await
    }
}
