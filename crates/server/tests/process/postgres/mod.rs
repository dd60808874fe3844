//! Servers that share a PostgreSQL: the one that `VESTIBULE_TEST_POSTGRES` names, as `./tests/run
//! postgres` does.

mod commands;
mod database;
mod joining;
mod opening;

use database::Database;
