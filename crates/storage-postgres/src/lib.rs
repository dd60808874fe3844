//! The storage engine of Vestibule for several servers: PostgreSQL.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use vestibule_model::SystemClock;
//! use vestibule_storage::Storage;
//! use vestibule_storage_postgres::{Postgres, PostgresOptions};
//!
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! let options = PostgresOptions::at("postgres://vestibule@localhost/vestibule");
//! let clock = Arc::new(SystemClock::start());
//! let storage: Arc<dyn Storage> = Arc::new(Postgres::open(options, clock).await?);
//! # Ok(())
//! # }
//! ```
//!
//! Any number of servers work on one database; each is an equal of the others.
//!
//! # What it guarantees
//!
//! - **All or nothing, as if one after the other.** Every call of `apply` is a transaction, and
//!   serializable: what a precondition saw is so until the commit. Where the database ends a
//!   transaction because of another one, it is made again, a bounded number of times. What only makes
//!   new rows reads nothing, and needs none of that.
//! - **Durable.** An answer comes after the commit, and `synchronous_commit` is not touched.
//! - **Heard by all.** What a change puts out of date in the memory of others is sent by the
//!   transaction itself ([`News`](vestibule_storage::News)), so it is heard if and only if the
//!   change was made. Each server hears its own heartbeat four times a second on the same
//!   connection; one that does not, knows that it is deaf
//!   ([`Neighbours::hears`](vestibule_storage::Neighbours::hears)).
//! - **No endless waits.** Statements, locks, connecting and waiting for a connection have their
//!   limits in [`PostgresOptions`], and so has the answer of a network that swallows everything. A
//!   lost connection is an error for the calls in flight.
//! - **One schema.** Changes of the schema hold a lock that all servers share. A statement that was
//!   compiled for the tables of a moment ago is compiled again.
//!
//! It needs a connection of its own for each transaction's length, session-level locks and
//! notifications: between it and the database may be a pooler for sessions, not one for transactions.

mod advice;
mod app;
mod apply;
mod catalogue;
mod clock;
mod connect;
mod error;
mod guests;
mod handler_settings;
mod listener;
mod look;
mod migrations;
mod news;
mod one_time_links;
mod open;
mod options;
mod parameter;
mod permissions;
mod pool;
mod prepare;
mod reads;
mod records;
mod render;
mod row;
mod sessions;
mod storage;
mod timers;
mod transaction;
mod users;
mod waits;

pub use error::OpenError;
pub use options::PostgresOptions;

/// A database that several servers share. Open one with [`Postgres::open`].
///
/// When it is dropped, its connections are closed. Whoever wants to be sure that everything was made
/// awaits [`Storage::close`](vestibule_storage::Storage::close) first.
pub struct Postgres {
    catalogue: catalogue::SharedCatalogue,
    pool: pool::Pool,
    listener: listener::Listener,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}
