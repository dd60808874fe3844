//! The embedded storage engine of Vestibule: SQLite, with one writer and group commit.
//!
//! ```
//! use std::sync::Arc;
//!
//! use vestibule_storage::Storage;
//! use vestibule_storage_sqlite::{Sqlite, SqliteOptions};
//!
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let storage: Arc<dyn Storage> = Arc::new(Sqlite::open(SqliteOptions::in_folder(folder))?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the writer guarantees
//!
//! One thread writes. It takes whatever waits in a bounded queue, makes it in one transaction, and
//! answers after the commit: with `synchronous=FULL` that is after the disk has it. A hundred
//! callers at once cost one wait for the disk, not a hundred.
//!
//! - **All or nothing, each for itself.** When a call of `apply` is refused or breaks a constraint, it
//!   alone is undone, and the others in the transaction do not notice. Most are not, so a transaction
//!   is made without savepoints first, and again, with one for each call, if a call fails.
//! - **Nobody is told of a success that is not durable.** When the transaction is lost, because of
//!   a full disk, an I/O error or lack of memory, everybody in it hears "unavailable", also those
//!   whose own steps had worked.
//! - **In order.** Calls take effect in the order in which they were made.
//! - **No endless waits.** A full queue answers [`Busy`](vestibule_storage::StorageError::Busy) at
//!   once. A lock that somebody else holds is waited for as long as the options say. A panic of a
//!   thread is an error of those it worked for.
//!
//! - **One schema.** Nobody is told of a change of the schema before everybody compiles statements
//!   against the new one. What waited behind such a change is compiled again at its turn, and fails
//!   as [`SchemaChanged`](vestibule_storage::StorageError::SchemaChanged) if it names what is gone.
//!
//! Statements are made into SQL by their callers, not by the writer: its time is the scarcest.

mod app;
mod batch;
mod beside;
mod catalogue;
mod connection;
mod copy;
mod error;
mod folder;
mod guests;
mod handle;
mod handler_settings;
mod like;
mod look;
mod migrations;
mod one_time_links;
mod open;
mod options;
mod permissions;
mod prepare;
mod queue;
mod readers;
mod records;
mod render;
mod row;
mod sessions;
mod storage;
mod timers;
mod users;
mod work;
mod worker;
mod writer;

pub use error::OpenError;
pub use folder::FolderLock;
pub use options::{Durability, SqliteOptions};

/// A database in a folder of this machine. Open one with [`Sqlite::open`].
///
/// When it is dropped, its threads finish what was accepted and end by themselves, soon but not at
/// once. Whoever wants to open the folder again, or to be sure that everything was written, awaits
/// [`Storage::close`](vestibule_storage::Storage::close) first.
pub struct Sqlite {
    catalogue: catalogue::SharedCatalogue,
    readers: readers::Readers,
    writer: writer::Writer,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").finish_non_exhaustive()
    }
}
