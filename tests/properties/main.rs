//! The property tests of core once more, on PostgreSQL: what a clause means, and what permissions let
//! through, is the same on every engine.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

#[path = "../../crates/core/tests/it/clauses_garbage.rs"]
mod clauses_garbage;
#[path = "../../crates/core/tests/it/clauses_property/mod.rs"]
mod clauses_property;
#[path = "../../crates/storage-postgres/tests/database/mod.rs"]
mod database;
#[path = "../../crates/core/tests/it/permissions_property.rs"]
mod permissions_property;

use std::{ops::Deref, sync::Arc};

use database::Database;
use vestibule_model::SystemClock;
use vestibule_storage_postgres::Postgres;
use vestibule_testkit::{TestKit, TestKitBuilder};

/// What `crate::shop` is in core's tests.
mod shop {
    use vestibule::prelude::*;

    pub(crate) fn id(text: &str) -> ObjectId {
        ObjectId::parse(text).unwrap()
    }
}

/// An app, and its database, which goes with it.
pub(crate) struct App {
    kit: TestKit,
    _database: Database,
}

impl Deref for App {
    type Target = TestKit;

    fn deref(&self) -> &TestKit {
        &self.kit
    }
}

/// Starts the app of a test that is run on every engine: here on PostgreSQL.
async fn start(kit: TestKitBuilder) -> App {
    let database = Database::make().await;
    let clock = Arc::new(SystemClock::start());
    let storage = Postgres::open(database.options(), clock).await.unwrap();
    App {
        kit: kit.start_on_storage(Arc::new(storage)).await,
        _database: database,
    }
}
