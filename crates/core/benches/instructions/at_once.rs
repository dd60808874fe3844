//! A storage without I/O: once it is told to, it answers every write at once and makes none.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use vestibule_model::{AuditRecord, Catalogue};
use vestibule_storage::{Applied, Change, Neighbours, Storage, StorageError};

use crate::handing_on::hand_on_reads;

/// Stands before a real storage, which answers what is read.
pub(crate) struct AtOnce {
    storage: Arc<dyn Storage>,
    writes_nothing: AtomicBool,
}

impl AtOnce {
    pub(crate) fn before(storage: &Arc<dyn Storage>) -> Self {
        Self {
            storage: Arc::clone(storage),
            writes_nothing: AtomicBool::new(false),
        }
    }

    /// From now on, no write is made.
    pub(crate) fn write_nothing(&self) {
        self.writes_nothing.store(true, Ordering::Release);
    }

    /// What reads are handed on to.
    async fn below(&self) -> Result<&dyn Storage, StorageError> {
        Ok(&*self.storage)
    }
}

hand_on_reads!(AtOnce);

impl Neighbours for AtOnce {}

#[async_trait]
impl Storage for AtOnce {
    async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StorageError> {
        if self.writes_nothing.load(Ordering::Acquire) {
            return Ok(Applied::default());
        }
        self.storage.apply(changes).await
    }

    async fn catalogue(&self) -> Result<Arc<Catalogue>, StorageError> {
        self.storage.catalogue().await
    }

    async fn audit(&self, offset: u64, limit: u64) -> Result<Vec<AuditRecord>, StorageError> {
        self.storage.audit(offset, limit).await
    }

    async fn check(&self) -> Result<(), StorageError> {
        self.storage.check().await
    }

    async fn close(&self) {
        self.storage.close().await;
    }
}
