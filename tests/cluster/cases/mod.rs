//! What may happen to servers.

mod clocks;
mod columns;
mod database;
mod kills;
mod network;
mod news;
mod stops;
