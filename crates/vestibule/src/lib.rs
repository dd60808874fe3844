#![doc = include_str!("../docs/crate.md")]

#[doc(hidden)]
pub mod __private;
#[doc = include_str!("../docs/events.md")]
pub mod events {}
#[doc = include_str!("../docs/guests.md")]
pub mod guests {}
pub mod prelude;
mod record;
#[doc = include_str!("../docs/roles.md")]
pub mod roles {}
mod table;

#[doc = include_str!("../docs/data.md")]
pub use vestibule_core::Data;
pub use vestibule_core::{
    AddRelation, After, Answers, AssignRole, Before, BulkCreate, BulkRemove, BulkUpdate,
    BulkUpsert, Call, CallableBy, Caller, ChangeUserStatus, Children, CloudCode, ConfirmEmail,
    ConfirmationUrl, Context, ConvertGuest, Count, CountInGroup, Create,
    CreateEmailConfirmationUrl, CustomEvent, DataEvent, DeepSave, DeleteRelation, Ending, Error,
    Event, Execution, Extensions, Find, FindById, Flow, Group, GuestConflict, Handler, Headers,
    LoadRelations, LoggedIn, Login, LoginAsGuest, LoginByObjectId, Logout, MergeOutlook, MergePlan,
    Observer, ObserverOfAll, Outcome, OwnedOutlook, PurgeGuest, PurgeReason, Purged, RecordAs,
    ReferenceOutlook, Register, RelationOutlook, Remove, RemoveUser, ResendConfirmation, Response,
    RestorePassword, Result, RoleHolder, Secret, Seen, SeenAny, SetPasswordByLink, SetPermission,
    SetRelation, TableDeclaration, Token, UnassignRole, Update, UpdateUser, Upsert, VerifyPassword,
    Via, Witness, properties_of,
};
#[doc = include_str!("../docs/custom_event.md")]
pub use vestibule_macros::CustomEvent;
#[doc = include_str!("../docs/after.md")]
pub use vestibule_macros::after;
#[doc = include_str!("../docs/answer.md")]
pub use vestibule_macros::answer;
#[doc = include_str!("../docs/before.md")]
pub use vestibule_macros::before;
#[doc = include_str!("../docs/observe.md")]
pub use vestibule_macros::observe;
pub use vestibule_model::{
    Access, ErrorCode, Grantee, Group as RecordGroup, GroupItems, GroupPage, GroupQuery, GroupStep,
    InvalidObjectId, KeyKind, Monotonic, ObjectId, Password, PermissionOperation, Properties,
    Query, Record, Related, Role, Row, Settings, Timestamp, UnknownUserStatus, User, UserStatus,
    Value, quoted,
};
