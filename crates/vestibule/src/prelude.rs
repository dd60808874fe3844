//! What a handler is written with, for `use vestibule::prelude::*;`.

pub use vestibule_core::{
    AddRelation, After, AssignRole, Before, BulkCreate, BulkRemove, BulkUpdate, BulkUpsert,
    ChangeUserStatus, Children, CloudCode, ConfirmEmail, ConfirmationUrl, Context, ConvertGuest,
    Count, CountInGroup, Create, CreateEmailConfirmationUrl, DeepSave, DeleteRelation, Error,
    Event, Find, FindById, Flow, Group, GuestConflict, LoadRelations, LoggedIn, Login,
    LoginAsGuest, LoginByObjectId, Logout, MergePlan, Observer, ObserverOfAll, Outcome, PurgeGuest,
    PurgeReason, Purged, RecordAs, Register, Remove, RemoveUser, ResendConfirmation,
    RestorePassword, Result, RoleHolder, Seen, SeenAny, SetPasswordByLink, SetPermission,
    SetRelation, UnassignRole, Update, UpdateUser, Upsert, VerifyPassword, Via, Witness,
};
pub use vestibule_model::{
    Access, ErrorCode, Grantee, GroupQuery, ObjectId, Password, PermissionOperation, Properties,
    Query, Record, Related, Row, Timestamp, User, UserStatus, Value, quoted,
};

pub use crate::{after, before, observe, record, table};
