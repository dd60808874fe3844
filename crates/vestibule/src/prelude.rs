//! What a handler is written with, for `use vestibule::prelude::*;`.

pub use vestibule_core::{
    AddRelation, After, Before, BulkCreate, BulkRemove, BulkUpdate, BulkUpsert, ChangeUserStatus,
    Children, CloudCode, Context, ConvertGuest, Count, CountInGroup, Create, DeepSave,
    DeleteRelation, Error, Event, Find, FindById, Flow, Group, GuestConflict, LoadRelations,
    LoggedIn, Login, LoginAsGuest, LoginByObjectId, Logout, MergePlan, Observer, ObserverOfAll,
    Outcome, PurgeGuest, PurgeReason, Purged, RecordAs, Register, Remove, RemoveUser, Result, Seen,
    SeenAny, SetRelation, Update, UpdateUser, Upsert, VerifyPassword, Via, Witness,
};
pub use vestibule_model::{
    ErrorCode, GroupQuery, ObjectId, Password, Properties, Query, Record, Related, Row, Timestamp,
    User, UserStatus, Value, quoted,
};

pub use crate::{after, before, observe, record, table};
