//! Several servers on one PostgreSQL, and bad luck: killed servers, a database that restarts, a network
//! that is slow, cut or deaf, clocks that differ.
//!
//! Needs `VESTIBULE_TEST_POSTGRES=postgres://USER@HOST:PORT`, a PostgreSQL in which that user may make
//! databases, and Debian's packages `postgresql` and `faketime`. `./tests/run cluster` sees to all of that.

#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and does not get fails the test"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "servers of their own processes have clocks that no test can move"
)]
#![expect(
    clippy::print_stderr,
    reason = "what a load came to belongs beside its test"
)]

mod call;
mod cases;
mod client;
mod cluster;
mod kept;
mod ledger;
mod load;
mod postgres;
mod private_postgres;
mod program;
mod proxy;
mod server;
mod session;
mod settled;
mod visitor;
