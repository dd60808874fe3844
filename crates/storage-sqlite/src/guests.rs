use async_trait::async_trait;
use vestibule_model::{ObjectId, Timestamp};
use vestibule_sql::{gone, reads};
use vestibule_storage::{Expiry, GonePage, GoneQuery, GuestCounts, Guests, StorageError};

use crate::Sqlite;

#[async_trait]
impl Guests for Sqlite {
    async fn gone_guests(&self, query: &GoneQuery) -> Result<GonePage, StorageError> {
        reads::gone_guests(self, query).await
    }

    async fn guest_counts(
        &self,
        expiry: &Expiry,
        now: Timestamp,
    ) -> Result<GuestCounts, StorageError> {
        reads::guest_counts(self, expiry, now).await
    }

    async fn owned_rows(&self, owner: &ObjectId) -> Result<Vec<(String, u64)>, StorageError> {
        reads::owned_rows(self, owner).await
    }

    async fn owns_anything(&self, owners: &[ObjectId]) -> Result<Vec<ObjectId>, StorageError> {
        reads::owns_anything(self, owners).await
    }

    async fn kept_guests(
        &self,
        after: Option<&ObjectId>,
        limit: u64,
    ) -> Result<Vec<(ObjectId, Timestamp)>, StorageError> {
        self.readers.all(gone::kept(after, limit)).await
    }
}
