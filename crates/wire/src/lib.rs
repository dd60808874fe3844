//! The bodies of requests and answers as Vestibule speaks them over HTTP.
//!
//! Only this edge is serialisable. The types of the model have no serde in them; what a client
//! sees is built here, so that a renamed field inside never changes the protocol. What is said
//! here is said in the wire contract; sections are named where a choice needs its reason.
//!
//! **Invariant:** this crate sees the model and nothing else: neither the engine, nor HTTP.

pub mod admin;
mod app_info;
mod bad_request;
mod bulk_where;
mod confirmation_url;
mod deletion;
mod description;
mod envelope;
mod event_answer;
mod grouping;
mod json;
mod lists;
mod login;
mod object;
mod permission;
mod query;
mod query_keys;
mod record;
mod repeated;
mod role_change;
mod saved;
mod strict_json;
mod user;
mod user_status;
mod value;
mod verify_password;

pub use app_info::AppInfo;
pub use bad_request::BadRequest;
pub use bulk_where::parse_bulk_where;
pub use confirmation_url::ConfirmationUrlBody;
pub use deletion::DeletionBody;
pub use description::{ColumnDescription, UserClassProperty};
pub use envelope::ErrorBody;
pub use event_answer::event_answer;
pub use grouping::{GroupPageBody, parse_group_query};
pub use json::parse_json;
pub use login::{ClaimedId, GuestBody, LoginRequest};
pub use object::parse_object;
pub use permission::{PermissionRequest, SetPermissionBody, parse_access, parse_permission};
pub use query::{parse_query, parse_query_pairs};
pub use record::{RecordBody, RowBody};
pub use role_change::{RoleChangeRequest, parse_load_roles, parse_role_change};
pub use saved::{parse_deep_record, parse_ids, parse_record, parse_records, take_object_id};
pub use user::UserBody;
pub use user_status::parse_user_status;
pub use verify_password::{VerifiedBody, parse_verify_password};
