//! The admin API: every route wants the admin token (`admin.md`).

mod app;
mod columns;
mod guests;
mod handlers;
mod roles;
mod rows;
mod settings;
mod tables;

pub(crate) use app::app;
pub(crate) use columns::{create_column, drop_column};
pub(crate) use guests::{guests, guests_plan};
pub(crate) use handlers::handlers;
pub(crate) use roles::roles;
pub(crate) use rows::{edit_row, rows};
pub(crate) use settings::{change_settings, settings};
pub(crate) use tables::{create_table, drop_table, tables};
