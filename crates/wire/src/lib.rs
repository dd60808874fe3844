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
mod envelope;
mod find_query;
mod login;
mod object;
mod strict_json;
mod user;
mod user_class;
mod user_status;
mod value;
mod verify_password;

pub use app_info::AppInfo;
pub use bad_request::BadRequest;
pub use envelope::ErrorBody;
pub use find_query::FindQuery;
pub use login::{ClaimedId, GuestBody, LoginRequest};
pub use object::parse_object;
pub use user::{Projection, UserBody};
pub use user_class::UserClassProperty;
pub use user_status::parse_user_status;
pub use verify_password::{VerifiedBody, parse_verify_password};
