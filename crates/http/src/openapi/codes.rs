//! Error codes that several routes have in common.

use vestibule_model::ErrorCode::{self, *};

/// A body that is no JSON of the expected form.
pub(super) const BAD_BODY: &[ErrorCode] = &[MalformedBody, DuplicateProperty, InvalidParameter];

/// A token must be that of a live session whose user is enabled.
pub(super) const TOKEN: &[ErrorCode] = &[DeadToken, AccountDisabled];

/// Handlers may be stopped.
pub(super) const HANDLED: &[ErrorCode] = &[HandlerTerminated];

/// The table must exist.
pub(super) const TABLE: &[ErrorCode] = &[TableNotFound];

/// There must be such a record, and the caller must be allowed to find it.
pub(super) const RECORD: &[ErrorCode] = &[EntityNotFound];

/// What a query may get wrong.
pub(super) const QUERY: &[ErrorCode] = &[
    InvalidParameter,
    UnknownColumn,
    RelationMissing,
    PropertiesNotFound,
    InvalidOffset,
    InvalidPageSize,
    PageSizeTooLarge,
    InvalidWhereClause,
    InvalidWhere,
    InvalidHaving,
];

/// A clause that says which records are meant.
pub(super) const CLAUSE: &[ErrorCode] = &[
    InvalidParameter,
    UnknownColumn,
    RelationMissing,
    InvalidWhereClause,
    InvalidWhere,
];

/// What the values of a record may get wrong, dynamic schema included.
pub(super) const VALUES: &[ErrorCode] = &[
    InvalidDataType,
    InvalidDate,
    InvalidParameter,
    ValueTooLong,
    ColumnRequired,
    PropertyNotNull,
    PropertyEmptyText,
    DuplicateEntry,
    DuplicateColumnValue,
    SchemaChanged,
    TableMissing,
    ColumnMissing,
    ReservedName,
    TooManyColumns,
    TooManyTables,
];

/// Unknown columns are made where the schema is dynamic, if they can be.
pub(super) const NEW_COLUMNS: &[ErrorCode] = &[SchemaChanged, ReservedName, TooManyColumns];

/// What a user may get wrong: rows of `Users` are users, whatever the door.
pub(super) const USER_VALUES: &[ErrorCode] = &[
    InvalidEmail,
    PropertyEmpty,
    PropertyRequired,
    InvalidPropertyType,
    PasswordNotText,
    ValueTooLong,
    DuplicateEntry,
    InvalidParameter,
    InvalidDate,
];

/// A row of `Users` is registered, by the door of the records.
pub(super) const REGISTERS: &[ErrorCode] = &[
    RegistrationDisabled,
    OperationNotAllowed,
    PasswordRequired,
    IdentityRequired,
    UserExists,
    ObjectIdReserved,
];

/// A row of `Users` is updated.
pub(super) const UPDATES_USER: &[ErrorCode] = &[
    OperationNotAllowed,
    UpdateNeedsLogin,
    UpdateDenied,
    UpdateUserNotFound,
    UpdateFieldsEmpty,
    IdentityExists,
    NothingToUpdate,
];

/// What a name of a table or a column may get wrong.
pub(super) const NAMES: &[ErrorCode] = &[ReservedName, InvalidParameter];
