//! The statements of Vestibule as query trees, once for every engine.
//!
//! Writing: [`steps::of`] turns [`Change`](vestibule_storage::Change)s into [`Step`]s. An engine runs
//! them in order inside one transaction, does what each [`Then`] says, and needs no idea of what
//! the change was about. Reading: each read of the storage traits is a function that answers a
//! [`Query`], a statement that knows how to decode its own rows. An engine implements [`Row`] once
//! for the rows of its driver.
//!
//! ```
//! use sea_query::SqliteQueryBuilder;
//! use vestibule_model::{ObjectId, Selector};
//!
//! let query = vestibule_sql::sessions::by_selector(Selector::from_bytes([7; 16]));
//! let (sql, values) = query.statement.build(SqliteQueryBuilder);
//! assert!(sql.ends_with(r#"WHERE "vestibule_session"."selector" = ?"#), "{sql}");
//! assert_eq!(1, values.0.len());
//! ```
//!
//! **Invariant:** no text of a caller ever becomes part of a statement; it is a bound value, or a
//! name that the catalogue knows or is about to: letters, digits and underscores. **Invariant:** no
//! driver is ever seen from here.
//!
//! What a dialect must provide: a table `Users` whose column `email` compares without regard to the
//! case of ASCII letters, and the tables in [`names`], of which those of the catalogue compare names
//! likewise. For another identity than `email` the statements say it themselves.

pub mod app;
pub mod audit;
pub mod catalogue;
mod catalogue_rows;
mod conditions;
mod conflict;
mod decode;
mod departures;
mod dialect;
pub mod failed_logins;
pub mod finding;
pub mod gone;
mod guards;
mod guests;
pub mod handler_settings;
mod identity;
mod leases;
mod links;
mod merging;
pub mod names;
mod new_row;
mod one_record;
pub mod one_time_links;
mod operands;
mod outputs;
pub mod owning;
pub mod permissions;
mod preconditions;
mod query;
mod quoted;
pub mod reads;
mod record_changes;
mod record_permissions;
pub mod related;
pub mod roles;
mod schema;
pub mod sessions;
mod shortlist;
mod sql_catalogue;
mod statement;
pub mod steps;
pub mod timers;
mod typed;
pub mod users;
mod whole_record;

pub use conflict::{broken_constraint, broken_index};
pub use dialect::Dialect;
pub use new_row::NewRow;
pub use one_record::OneRecord;
pub use query::{Decoder, Query, Row, Unreadable};
pub use sql_catalogue::SqlCatalogue;
pub use statement::{Statement, Step, Then};
