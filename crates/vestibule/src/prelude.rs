//! What a handler is written with, for `use vestibule::prelude::*;`.

pub use vestibule_core::{
    AddRelation, After, Answers, AssignRole, Before, BulkCreate, BulkRemove, BulkUpdate,
    BulkUpsert, ChangeUserStatus, Children, CloudCode, ConfirmEmail, ConfirmationUrl, Context,
    ConvertGuest, Cookie, Count, CountInGroup, Create, CreateEmailConfirmationUrl, DeepSave,
    DeleteRelation, Error, Event, Find, FindById, Flow, Group, GuestConflict, InvokeService,
    LoadRelations, LoggedIn, Login, LoginAsGuest, LoginByObjectId, Logout, Mail, MergePlan,
    Observer, ObserverOfAll, Outcome, PurgeGuest, PurgeReason, Purged, RecordAs, Register, Remove,
    RemoveUser, ResendConfirmation, RestorePassword, Result, RoleHolder, RunTimer, Secret, Seen,
    SeenAny, SetPasswordByLink, SetPermission, SetRelation, UnassignRole, Update, UpdateUser,
    Upsert, VerifyPassword, Via, Witness,
};
pub use vestibule_model::{
    Access, ErrorCode, Grantee, GroupQuery, ObjectId, Password, PermissionOperation, Properties,
    Query, Record, Related, Row, Timestamp, User, UserStatus, Value, quoted,
};

pub use crate::{CustomEvent, after, answer, before, observe, record, service, table, timer};
