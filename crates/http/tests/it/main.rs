//! The HTTP door, tested from outside: on the router, and on real sockets.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod account_pages;
mod admin;
mod admin_audit;
mod admin_bad_input;
mod admin_identity;
mod admin_sessions;
mod admin_tables;
mod app;
mod bad_data;
mod bad_input;
mod bulk;
mod code_runner;
mod coming_in;
mod convert_guest;
mod cors;
mod custom_events;
mod find;
mod full_queue;
mod guest_limits;
mod guests_leaving;
mod handlers;
mod health;
mod login_policy;
mod logs;
mod openapi;
mod pages;
mod permissions;
mod queries;
mod records;
mod relations;
mod server;
mod services;
mod services_described;
mod shutdown;
mod sockets;
mod timers;
mod tokens;
mod updates;
mod urls;
mod users;
mod users_as_records;
