//! What a handler is written with, for `use vestibule::prelude::*;`.

pub use vestibule_core::{
    After, Before, ChangeUserStatus, CloudCode, Context, Error, Event, Flow, LoggedIn, Login,
    LoginAsGuest, LoginByObjectId, Logout, Observer, ObserverOfAll, Outcome, Register, Result,
    Seen, SeenAny, UpdateUser, VerifyPassword, Witness,
};
pub use vestibule_model::{
    ErrorCode, ObjectId, Password, Properties, Timestamp, User, UserStatus, Value,
};

pub use crate::{after, before, observe};
