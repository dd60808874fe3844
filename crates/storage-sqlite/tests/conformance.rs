//! Runs the suite that every engine must pass.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;
use vestibule_storage::{Storage, conformance::Scratch};
use vestibule_storage_sqlite::{Durability, Sqlite, SqliteOptions};

struct Folder(TempDir);

#[async_trait]
impl Scratch for Folder {
    async fn open(&self) -> Arc<dyn Storage> {
        let options = SqliteOptions {
            durability: Durability::Off,
            ..SqliteOptions::in_folder(self.0.path())
        };
        Arc::new(Sqlite::open(options).unwrap())
    }
}

vestibule_storage::conformance_suite! {
    open = || async { Folder(tempfile::tempdir().unwrap()) }
}
