//! The built server as its operator meets it: started, asked, stopped and killed.

#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and does not get fails the test"
)]

mod client;
mod config;
mod guest;
mod handlers;
mod kill;
mod refusals;
mod restart;
mod schema;
mod server;
mod signals;
mod start_up;
