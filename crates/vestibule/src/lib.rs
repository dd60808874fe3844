#![doc = include_str!("../docs/crate.md")]

#[doc(hidden)]
pub mod __private;
#[doc = include_str!("../docs/cloud_code.md")]
pub mod cloud_code {}
#[doc = include_str!("../docs/custom_events.md")]
pub mod custom_events {}
#[doc = include_str!("../docs/events.md")]
#[doc = include_str!("../docs/event_table.md")]
pub mod events {}
#[doc = include_str!("../docs/from_zero.md")]
pub mod from_zero {}
#[doc = include_str!("../docs/guests.md")]
pub mod guests {}
#[doc = include_str!("../docs/handlers.md")]
pub mod handlers {}
#[doc = include_str!("../docs/operations.md")]
pub mod operations {}
#[doc = include_str!("../docs/policies.md")]
pub mod policies {}
#[doc = include_str!("../docs/postgres.md")]
pub mod postgres {}
pub mod prelude;
#[doc = include_str!("../docs/rehearsal.md")]
pub mod rehearsal {}
mod record;
#[doc = include_str!("../docs/roles.md")]
pub mod roles {}
#[doc = include_str!("../docs/seeing.md")]
pub mod seeing {}
#[doc = include_str!("../docs/services.md")]
pub mod services {}
mod table;
#[doc = include_str!("../docs/testing.md")]
pub mod testing {}
#[doc = include_str!("../docs/timers.md")]
pub mod timers {}
#[doc = include_str!("../docs/troubleshooting.md")]
#[doc = ""]
#[doc = include_str!("../docs/troubleshooting_start.md")]
pub mod troubleshooting {}

#[doc = include_str!("../docs/data.md")]
pub use vestibule_core::Data;
pub use vestibule_core::{
    AddRelation, After, Answers, AssignRole, Before, BulkCreate, BulkRemove, BulkUpdate,
    BulkUpsert, Call, CallableBy, Caller, ChangeUserStatus, Children, CloudCode, ConfirmEmail,
    ConfirmationUrl, Context, ConvertGuest, Cookie, Count, CountInGroup, Create,
    CreateEmailConfirmationUrl, CustomEvent, CustomRoles, DataEvent, DeepSave, DeleteRelation,
    Ending, Error, Event, Execution, Extensions, Find, FindById, Flow, Group, GuestConflict,
    Handler, Headers, InvokeService, JsonText, LoadRelations, LoggedIn, Login, LoginAsGuest,
    LoginByObjectId, Logout, Mail, MergeOutlook, MergePlan, Observer, ObserverOfAll, Outcome,
    OwnedOutlook, PurgeGuest, PurgeReason, Purged, RecordAs, ReferenceOutlook, Register,
    RelationOutlook, Remove, RemoveUser, ResendConfirmation, Response, RestorePassword, Result,
    RoleHolder, RunTimer, SameSite, Secret, Seen, SeenAny, SetPasswordByLink, SetPermission,
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
#[doc = include_str!("../docs/service.md")]
pub use vestibule_macros::service;
#[doc = include_str!("../docs/timer.md")]
pub use vestibule_macros::timer;
pub use vestibule_model::{
    Access, ErrorCode, Grantee, Group as RecordGroup, GroupItems, GroupPage, GroupQuery, GroupStep,
    InvalidObjectId, KeyKind, Monotonic, ObjectId, Password, PermissionOperation, Properties,
    Query, Record, Related, Role, Row, Settings, Timestamp, UnknownUserStatus, User, UserStatus,
    Value, quoted,
};
