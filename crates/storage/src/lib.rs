//! The storage traits of Vestibule, their one error, and the suite every engine must pass.
//!
//! The traits speak of users and sessions, never of rows or statements. Each method is one atomic
//! step, and no transaction leaves an engine: nobody can hold the writer or leave half a step
//! behind. What must happen together is one [`Storage::apply`] of several [`Change`]s.
//!
//! # What every engine must mean by it
//!
//! - **Identities** are compared without regard to the case of ASCII letters, and are unique in
//!   that sense; any number of users may have none. Email addresses are so, identity or not.
//! - **`=` on texts** compares bytes, everywhere else; `LIKE` does not care for the case of ASCII
//!   letters. The order of rows, averages and what null means stand at [`Records`] and
//!   [`Condition`].
//! - **A read** sees every change that was acknowledged before the read began.
//! - **An acknowledged change** survives the death of the process and of the machine.
//!
//! The suite in the module `conformance` pins each of these; the feature of that name switches it
//! on.
//!
//! **Invariant:** no SQL driver is ever seen from here.

mod app;
mod applied;
mod change;
mod condition;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod guests;
mod handler_settings;
mod neighbours;
mod news;
mod one_time_links;
mod permissions;
mod precondition;
mod records;
mod sessions;
mod timers;
mod users;

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_model::{AuditRecord, Catalogue};

pub use app::{App, Apps};
pub use applied::Applied;
pub use change::{Assignment, Change, NewRecord, NewUser, RecordUpdate, UserUpdate};
pub use condition::{
    Aggregate, Calculation, Comparison, Condition, Function, Operand, Rows, Visibility, VisibleRows,
};
pub use error::{Constraint, StorageError};
pub use guests::{Expiry, GonePage, GonePlace, GoneQuery, GuestCounts, Guests};
pub use handler_settings::HandlerSettings;
pub use neighbours::Neighbours;
pub use news::News;
pub use one_time_links::OneTimeLinks;
pub use permissions::Permissions;
pub use precondition::Precondition;
pub use records::{CountQuery, FindQuery, Output, Records, RelatedQuery, Select, Sort};
pub use sessions::{ActivityHistory, Sessions, StoredSession};
pub use timers::Timers;
pub use users::{Account, FailedLogins, Users};

/// A database, whichever it is: the reads of the supertraits, and one way to write.
#[async_trait]
pub trait Storage:
    Apps
    + Guests
    + HandlerSettings
    + Neighbours
    + OneTimeLinks
    + Permissions
    + Records
    + Sessions
    + Timers
    + Users
    + Send
    + Sync
    + 'static
{
    /// Makes all of `changes`, in their order, or none of them.
    ///
    /// When this returns, they are durable. When the future is dropped half-way they may have been
    /// made or not, but never in part.
    ///
    /// # Errors
    /// [`StorageError::Refused`] names the first precondition that did not hold,
    /// [`StorageError::Conflict`] the constraint that a change would have broken;
    /// [`StorageError::UnknownTable`], [`StorageError::UnknownColumn`] and
    /// [`StorageError::WrongType`] are mistakes of the caller, and [`StorageError::SchemaChanged`]
    /// says that they are none, but that somebody else was faster. Nothing was changed then.
    /// [`StorageError::Busy`] comes at once when the queue of writes is full.
    async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StorageError>;

    /// All tables and columns as they stand now.
    ///
    /// # Errors
    /// Fails when the catalogue has to be read again and the database does not answer.
    async fn catalogue(&self) -> Result<Arc<Catalogue>, StorageError>;

    /// The audit trail, newest first, from `offset` on, at most `limit` records.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    async fn audit(&self, offset: u64, limit: u64) -> Result<Vec<AuditRecord>, StorageError>;

    /// Whether the database can be read and written; what `/readyz` asks.
    ///
    /// # Errors
    /// Says why not.
    async fn check(&self) -> Result<(), StorageError>;

    /// Makes every change that was accepted, then closes. Later calls fail as unavailable.
    async fn close(&self);
}
