//! What Vestibule is about: ids, users, sessions, values, settings, the clock and the error codes.
//!
//! **Invariant:** this crate knows neither the wire's bodies, nor SQL, nor HTTP. Everything else in
//! the workspace may depend on it; it depends on nothing of ours.

mod audit;
mod clock;
mod error_code;
mod grouping;
mod handler_setting;
mod key_kind;
mod object_id;
mod one_time_link;
mod password;
mod permission;
mod query;
mod randomness;
mod record;
mod role;
mod session;
mod settings;
mod table;
mod timer;
mod timestamp;
mod user;
mod value;

pub use audit::{Actor, AuditRecord};
pub use clock::{Clock, ManualClock, Monotonic, Sleep, SystemClock};
pub use error_code::ErrorCode;
pub use grouping::{Group, GroupItems, GroupPage, GroupQuery, GroupStep};
pub use handler_setting::HandlerSetting;
pub use key_kind::KeyKind;
pub use object_id::{InvalidObjectId, ObjectId};
pub use one_time_link::{LinkPurpose, OneTimeLink};
pub use password::{Password, PasswordHash};
pub use permission::{
    Access, Grantee, Permission, PermissionOperation, RecordPermission, Resource, check_role_name,
};
pub use query::{Query, quoted};
pub use randomness::{Randomness, SeededRandomness, SystemRandomness};
pub use record::{Record, Related, Row};
pub use role::Role;
pub use session::{Selector, Session, VerifierHash};
pub use settings::{
    GuestSettings, LoginSettings, OwnedRows, PermissionBase, PermissionSettings, Profile,
    RegistrationSettings, SchemaSettings, SessionSettings, SettingError, Settings,
};
pub use table::{
    COLUMNS_AT_MOST, Cardinality, Catalogue, Column, ColumnType, DEFAULT_SIZE, Relation,
    TABLES_AT_MOST, Table, USERS,
};
pub use timer::{TimerLease, TimerRun, TimerState};
pub use timestamp::{ActivityTime, Timestamp};
pub use user::{UnknownUserStatus, User, UserStatus};
pub use value::{Properties, Value};
