//! Databases, users and sessions for the tests.

use std::{path::Path, sync::Arc};

use rusqlite::Connection;
use vestibule_model::{
    ActivityTime, Catalogue, ObjectId, Selector, Session, Timestamp, User, UserStatus, VerifierHash,
};
use vestibule_sql::{Dialect, SqlCatalogue};
use vestibule_storage::{Change, NewUser, Storage};
use vestibule_storage_sqlite::{Durability, Sqlite, SqliteOptions};

pub(crate) fn options(folder: &Path) -> SqliteOptions {
    SqliteOptions {
        durability: Durability::Off,
        ..SqliteOptions::in_folder(folder)
    }
}

pub(crate) fn open(folder: &Path) -> Arc<Sqlite> {
    Arc::new(Sqlite::open(options(folder)).unwrap())
}

/// What statements are compiled for.
pub(crate) async fn catalogue_of(storage: &Sqlite) -> SqlCatalogue {
    let catalogue = Catalogue::clone(&storage.catalogue().await.unwrap());
    SqlCatalogue::new(catalogue, Dialect::Sqlite)
}

/// A connection beside those of the engine, as an operator's tool would have it.
pub(crate) fn tool(folder: &Path) -> Connection {
    Connection::open(options(folder).database_file()).unwrap()
}

pub(crate) fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

pub(crate) fn guest(name: &str) -> User {
    User::new(id(name), UserStatus::Guest, Timestamp::from_millis(1))
}

pub(crate) fn insert(user: User) -> Change {
    Change::InsertUser(NewUser {
        user,
        password: None,
    })
}

pub(crate) fn open_session(number: u8, user_id: &str) -> Change {
    Change::OpenSession(Session {
        selector: Selector::from_bytes([number; 16]),
        verifier_hash: VerifierHash::from_bytes([number; 32]),
        user_id: id(user_id),
        created: Timestamp::from_millis(1),
        last_used: ActivityTime::from_millis(1),
    })
}
