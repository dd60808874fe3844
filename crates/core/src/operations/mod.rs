//! What the engine can do: one file an operation, holding its event and its work.

mod change_user_status;
mod login;
mod login_as_guest;
mod login_by_object_id;
mod logout;
mod register;
mod update_user;
mod user_properties;
mod verify_password;

pub use change_user_status::ChangeUserStatus;
pub use login::{LoggedIn, Login};
pub(crate) use login::{refusal, refuse_by_status};
pub use login_as_guest::LoginAsGuest;
pub use login_by_object_id::LoginByObjectId;
pub use logout::Logout;
pub use register::Register;
pub use update_user::UpdateUser;
pub use verify_password::VerifyPassword;

use crate::event::Event;

/// The name of every event, in the order in which they are listed.
pub const EVENT_NAMES: [&str; 8] = [
    LoginAsGuest::NAME,
    Login::NAME,
    LoginByObjectId::NAME,
    Register::NAME,
    Logout::NAME,
    UpdateUser::NAME,
    ChangeUserStatus::NAME,
    VerifyPassword::NAME,
];
