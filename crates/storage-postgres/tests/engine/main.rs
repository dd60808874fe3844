//! What is special about this engine: several servers, and a database that is elsewhere.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod at_once;
mod bad_luck;
#[path = "../database/mod.rs"]
mod database;
mod neighbours;
mod opening;
mod samples;
