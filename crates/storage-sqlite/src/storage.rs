use std::sync::Arc;

use async_trait::async_trait;
use vestibule_model::{AuditRecord, Catalogue};
use vestibule_sql::{Step, Then, audit, sessions};
use vestibule_storage::{Applied, Change, Neighbours, Storage, StorageError};

use crate::Sqlite;

/// The data folder is for one server alone.
impl Neighbours for Sqlite {}

#[async_trait]
impl Storage for Sqlite {
    async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StorageError> {
        self.writer.apply(changes, self.catalogue.current()).await
    }

    async fn catalogue(&self) -> Result<Arc<Catalogue>, StorageError> {
        Ok(Arc::clone(self.catalogue.current().catalogue()))
    }

    async fn audit(&self, offset: u64, limit: u64) -> Result<Vec<AuditRecord>, StorageError> {
        self.readers.all(audit::page(offset, limit)).await
    }

    async fn check(&self) -> Result<(), StorageError> {
        self.readers.first(sessions::heartbeat_and_starts()).await?;
        // It changes nothing and yet has to reach the disk, as any write does.
        let write = Step::new(sessions::write_nothing(), Then::GoOn);
        self.writer.apply_steps(vec![write]).await.map(drop)
    }

    async fn close(&self) {
        self.readers.close().await;
        // Last, so that the last connection is one that may write: it tidies up the files.
        self.writer.close().await;
    }
}
