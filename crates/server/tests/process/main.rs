//! The built server as its operator meets it: started, asked, stopped and killed.

#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and does not get fails the test"
)]

mod checker;
mod client;
mod config;
mod guest;
mod guest_prefix;
mod guests_leaving;
mod handlers;
mod kill;
mod kill_guests;
mod new;
mod operator;
mod otlp;
mod postgres;
mod refusals;
mod rehearsal;
mod restart;
mod schema;
mod server;
mod signals;
mod start_up;
