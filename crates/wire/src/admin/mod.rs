//! The bodies of the admin API, to the letter of its contract (`admin.md`).

mod app;
mod handlers;
mod roles;
mod settings;
mod tables;

pub use app::AppBody;
pub use handlers::{EventBody, HandlerBody};
pub use roles::RoleBody;
pub use settings::{SettingsBody, parse_settings};
pub use tables::TableBody;
