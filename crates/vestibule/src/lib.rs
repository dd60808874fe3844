#![doc = include_str!("../docs/crate.md")]

#[doc(hidden)]
pub mod __private;
pub mod prelude;

pub use vestibule_core::{
    After, Before, Call, Caller, ChangeUserStatus, CloudCode, Context, Ending, Error, Event,
    Extensions, Flow, Handler, Headers, LoggedIn, Login, LoginAsGuest, LoginByObjectId, Logout,
    Observer, ObserverOfAll, Outcome, Register, Response, Result, Seen, SeenAny, Token, UpdateUser,
    VerifyPassword, Witness,
};
#[doc = include_str!("../docs/after.md")]
pub use vestibule_macros::after;
#[doc = include_str!("../docs/before.md")]
pub use vestibule_macros::before;
#[doc = include_str!("../docs/observe.md")]
pub use vestibule_macros::observe;
pub use vestibule_model::{
    ErrorCode, InvalidObjectId, KeyKind, Monotonic, ObjectId, Password, Properties, Role, Settings,
    Timestamp, UnknownUserStatus, User, UserStatus, Value,
};
