//! The bodies of the admin API, to the letter of its contract (`admin.md`).

mod app;
mod guests;
mod handlers;
mod new_column;
mod roles;
mod settings;
mod tables;

pub use app::AppBody;
pub use guests::{
    GuestCountsBody, GuestEventsBody, GuestNumbersBody, GuestsPlanBody, PlannedGuestBody,
};
pub use handlers::{EventBody, HandlerBody};
pub use new_column::{NewColumn, parse_new_column, parse_new_table};
pub use roles::RoleBody;
pub use settings::{SettingsBody, parse_settings};
pub use tables::{ColumnBody, TableBody};
