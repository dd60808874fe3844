use std::sync::Arc;

use async_trait::async_trait;
use vestibule_model::{AuditRecord, Catalogue};
use vestibule_sql::audit;
use vestibule_storage::{
    ActivityHistory, Applied, Change, Neighbours, News, Sessions as _, Storage, StorageError,
};

use crate::Postgres;

#[async_trait]
impl Neighbours for Postgres {
    fn has_neighbours(&self) -> bool {
        true
    }

    fn hears(&self) -> bool {
        self.listener.hears()
    }

    async fn news(&self) -> Option<News> {
        self.listener.next().await
    }
}

#[async_trait]
impl Storage for Postgres {
    async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StorageError> {
        self.make(changes).await
    }

    async fn catalogue(&self) -> Result<Arc<Catalogue>, StorageError> {
        Ok(Arc::clone(self.catalogue.current().catalogue()))
    }

    async fn audit(&self, offset: u64, limit: u64) -> Result<Vec<AuditRecord>, StorageError> {
        self.pool.all(audit::page(offset, limit)).await
    }

    async fn check(&self) -> Result<(), StorageError> {
        // The heartbeat that is stored already: nothing is changed, and yet it has to be written.
        let ActivityHistory {
            heartbeat, wall, ..
        } = self.activity_history().await?;
        let beat = Change::RecordHeartbeat {
            at: heartbeat,
            wall,
        };
        self.make(vec![beat]).await.map(drop)
    }

    async fn close(&self) {
        self.pool.close().await;
        self.listener.close();
    }
}
