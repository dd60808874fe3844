//! Magic links as users, strangers and the operator meet them.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod app;
mod attacks;
mod dead_links;
mod limits;
mod links;
mod secrets;
mod silence;
