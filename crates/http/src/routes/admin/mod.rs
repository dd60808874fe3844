//! The admin API: every route wants the admin token (`admin.md`).

mod app;
mod audit;
mod columns;
mod guests;
mod handlers;
mod permissions;
mod place;
mod roles;
mod rows;
mod sessions;
mod settings;
mod tables;
mod timers;
mod user_roles;

pub(crate) use app::app;
pub(crate) use audit::audit;
pub(crate) use columns::{change_column, create_column, drop_column};
pub(crate) use guests::{guests, guests_plan};
pub(crate) use handlers::{change_handler, handlers};
pub(crate) use permissions::{permissions, set_permission};
pub(crate) use roles::{create_role, drop_role, roles};
pub(crate) use rows::{edit_row, rows};
pub(crate) use sessions::{end_session, end_sessions, sessions};
pub(crate) use settings::{change_settings, settings};
pub(crate) use tables::{create_table, drop_table, tables};
pub(crate) use timers::{enable_timer, run_timer, timers};
pub(crate) use user_roles::{assign_role, unassign_role, user_roles};
