//! Runs the suite that every engine must pass.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod database;

use std::sync::Arc;

use async_trait::async_trait;
use database::Database;
use vestibule_model::SystemClock;
use vestibule_storage::{Storage, conformance::Scratch};
use vestibule_storage_postgres::Postgres;

#[async_trait]
impl Scratch for Database {
    async fn open(&self) -> Arc<dyn Storage> {
        let clock = Arc::new(SystemClock::start());
        Arc::new(Postgres::open(self.options(), clock).await.unwrap())
    }
}

vestibule_storage::conformance_suite! {
    open = || async { Database::make().await }
}
