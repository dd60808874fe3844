//! The bodies of the admin API, to the letter of its contract (`admin.md`).

mod app;
mod audit;
mod explanation;
mod guests;
mod handler_change;
mod handlers;
mod keys;
mod new_column;
mod permissions;
mod roles;
mod sessions;
mod settings;
mod tables;
mod timers;

pub use app::AppBody;
pub use audit::{ActorBody, AuditBody};
pub use explanation::{ExplainedBody, ExplainedCallBody, ExplainedStepBody, FieldChangeBody};
pub use guests::{
    GuestCountsBody, GuestEventsBody, GuestNumbersBody, GuestsPlanBody, PlannedGuestBody,
};
pub use handler_change::{HandlerChangeBody, parse_handler_change};
pub use handlers::{EventBody, FailuresBody, HandlerBody, LastFailureBody};
pub use new_column::{NewColumn, parse_identity, parse_new_column, parse_new_table};
pub use permissions::{NewPermission, PermissionBody, PermissionFilter, parse_new_permission};
pub use roles::{RoleBody, parse_new_role, parse_role};
pub use sessions::SessionBody;
pub use settings::{SettingsBody, parse_settings, settings_schema};
pub use tables::{ColumnBody, TableBody};
pub use timers::{LastRunBody, RunningBody, TimerBody, parse_timer_change, parse_timer_run};
