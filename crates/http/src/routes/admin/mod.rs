//! The admin API: every route wants the admin token (`admin.md`).

mod app;
mod handlers;
mod roles;
mod settings;
mod tables;

pub(crate) use app::app;
pub(crate) use handlers::handlers;
pub(crate) use roles::roles;
pub(crate) use settings::{change_settings, settings};
pub(crate) use tables::tables;
