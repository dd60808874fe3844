#![doc = include_str!("../docs/crate.md")]

#[doc(hidden)]
pub mod __private;
#[doc = include_str!("../docs/guests.md")]
pub mod guests {}
pub mod prelude;
mod record;
mod table;

#[doc = include_str!("../docs/data.md")]
pub use vestibule_core::Data;
pub use vestibule_core::{
    AddRelation, After, Before, BulkCreate, BulkRemove, BulkUpdate, BulkUpsert, Call, Caller,
    ChangeUserStatus, Children, CloudCode, Context, ConvertGuest, Count, CountInGroup, Create,
    DataEvent, DeepSave, DeleteRelation, Ending, Error, Event, Extensions, Find, FindById, Flow,
    Group, GuestConflict, Handler, Headers, LoadRelations, LoggedIn, Login, LoginAsGuest,
    LoginByObjectId, Logout, MergeOutlook, MergePlan, Observer, ObserverOfAll, Outcome,
    OwnedOutlook, PurgeGuest, PurgeReason, Purged, RecordAs, ReferenceOutlook, Register,
    RelationOutlook, Remove, RemoveUser, Response, Result, Seen, SeenAny, SetRelation,
    TableDeclaration, Token, Update, UpdateUser, Upsert, VerifyPassword, Via, Witness,
    properties_of,
};
#[doc = include_str!("../docs/after.md")]
pub use vestibule_macros::after;
#[doc = include_str!("../docs/before.md")]
pub use vestibule_macros::before;
#[doc = include_str!("../docs/observe.md")]
pub use vestibule_macros::observe;
pub use vestibule_model::{
    ErrorCode, Group as RecordGroup, GroupItems, GroupPage, GroupQuery, GroupStep, InvalidObjectId,
    KeyKind, Monotonic, ObjectId, Password, Properties, Query, Record, Related, Role, Row,
    Settings, Timestamp, UnknownUserStatus, User, UserStatus, Value, quoted,
};
