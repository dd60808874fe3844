/// Defines the codes once: variant, number, and what it means.
macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $number:literal,)+) => {
        /// What went wrong, as a number that clients know (wire contract, section 3.3).
        ///
        /// This enum is exhaustive on purpose: whoever turns codes into HTTP statuses must say one
        /// for each, so a new code does not compile until it has a status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $variant,)+
            /// A number that a handler chose for its own purposes.
            Custom(i32),
        }

        impl ErrorCode {
            /// The number on the wire.
            pub const fn number(self) -> i32 {
                match self {
                    $(Self::$variant => $number,)+
                    Self::Custom(number) => number,
                }
            }

            /// What it means, in a sentence for people.
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                    Self::Custom(_) => "A number that a handler chose for its own purposes.",
                }
            }

            /// The code with this number: one of ours if we have it, a custom one otherwise.
            pub const fn from_number(number: i32) -> Self {
                match number {
                    $($number => Self::$variant,)+
                    _ => Self::Custom(number),
                }
            }
        }
    };
}

error_codes! {
    /// A failure that only the operator can explain; details are in the log.
    Internal = 0,
    /// Too many requests of this kind.
    LimitExhausted = 999,
    /// There is no record with this id, or the caller may not see it.
    EntityNotFound = 1000,
    /// An update that changes nothing.
    NothingToUpdate = 1001,
    /// A negative offset.
    InvalidOffset = 1004,
    /// A page size below one.
    InvalidPageSize = 1005,
    /// A query names an unknown column.
    UnknownColumn = 1006,
    /// A value of the wrong type.
    InvalidDataType = 1007,
    /// There is no such table.
    TableNotFound = 1009,
    /// The caller may not find records here.
    FindDenied = 1013,
    /// A page size above the limit.
    PageSizeTooLarge = 1025,
    /// Another row has this value in a unique column.
    DuplicateEntry = 1155,
    /// A where-clause that cannot be used.
    InvalidWhereClause = 1017,
    /// The caller may not create records here.
    CreateDenied = 1011,
    /// The caller may not update this record.
    UpdateRecordDenied = 1012,
    /// The caller may not remove this record.
    RemoveDenied = 1014,
    /// The caller may not describe this table.
    DescribeDenied = 1015,
    /// There are no such properties (loading or saving relations).
    PropertiesNotFound = 1021,
    /// The caller may not change permissions here.
    PermissionChangeDenied = 1023,
    /// A permission that cannot be as it was asked for.
    PermissionImpossible = 1024,
    /// The caller may not perform this operation, which is named, on this table.
    TableOperationDenied = 1134,
    /// A removal without an objectId.
    RemoveWithoutId = 1032,
    /// A bulk update of system columns.
    BulkUpdateOfSystemColumns = 1036,
    /// A record with this id exists already.
    RecordExists = 1101,
    /// There is no such table, and the schema is fixed.
    TableMissing = 1125,
    /// There is no such column, and the schema is fixed.
    ColumnMissing = 1126,
    /// There is no such relation.
    RelationMissing = 1127,
    /// More than one related record for a relation to one.
    RelationOccupied = 1128,
    /// A required column is missing.
    ColumnRequired = 1131,
    /// A property that cannot be null.
    PropertyNotNull = 1137,
    /// The schema changed meanwhile.
    SchemaChanged = 1138,
    /// An operation on the table `Users` that is prohibited.
    UsersTableProhibited = 1148,
    /// A table has as many columns as it may have.
    TooManyColumns = 1149,
    /// An app has as many tables as it may have.
    TooManyTables = 1151,
    /// The table that a relation leads to must exist first.
    RelatedTableMissing = 1150,
    /// A column of this name exists already.
    ColumnExists = 1152,
    /// A name that no table or column may have.
    ReservedName = 1154,
    /// Rows that are there cannot be as the new column wants them.
    ColumnContradictsRows = 1156,
    /// A table of this name exists already.
    TableExists = 1161,
    /// An operation on a system column that is prohibited.
    SystemColumnProhibited = 1162,
    /// A required text that is empty.
    PropertyEmptyText = 1165,
    /// Another record has this value in a unique column, which is named.
    DuplicateColumnValue = 1166,
    /// Other tables still relate to this one.
    TableInUse = 1167,
    /// A user can be removed by that user only.
    RemoveUserDenied = 3095,
    /// A bulk update of identity columns.
    BulkUpdateOfIdentity = 3098,
    /// A where-clause that cannot be used, with what is wrong with it.
    InvalidWhere = 19000,
    /// A having-clause that cannot be used, with what is wrong with it.
    InvalidHaving = 19001,
    /// The caller's role may not perform this operation.
    OperationNotAllowed = 2000,
    /// There is no such operation.
    WrongOperation = 2001,
    /// The resource does not have this operation.
    OperationNotSupported = 2003,
    /// There is no such role.
    RoleNotFound = 2005,
    /// There is such a role already.
    RoleExists = 2006,
    /// A system role cannot be assigned.
    SystemRoleAssigned = 2007,
    /// A system role cannot be taken away.
    SystemRoleUnassigned = 2008,
    /// Only server code may assign roles and take them away.
    RoleChangeDenied = 2011,
    /// Wrong app id or API key.
    WrongApplication = 2002,
    /// Login by object id with a key that is not the CodeRunner's.
    LoginByObjectIdDenied = 2014,
    /// The user cannot be logged in.
    LoginFailed = 3000,
    /// Already logged in elsewhere, and a second login is refused.
    AlreadyLoggedIn = 3002,
    /// Unknown login or wrong password; nobody is told which.
    InvalidLoginOrPassword = 3003,
    /// Login or password is the empty text.
    EmptyLoginOrPassword = 3006,
    /// Registration is switched off.
    RegistrationDisabled = 3009,
    /// The property `password` is missing.
    PasswordRequired = 3011,
    /// A required property is missing.
    PropertyRequired = 3012,
    /// The value of the identity column is missing.
    IdentityRequired = 3013,
    /// Another user has this identity already (update).
    IdentityExists = 3018,
    /// There is no user with this identity whose password could be restored.
    RestoreUserNotFound = 3020,
    /// The password could not be restored.
    RestoreFailed = 3025,
    /// The user could not be updated.
    UpdateFailed = 3024,
    /// An update needs a logged-in user.
    UpdateNeedsLogin = 3028,
    /// An account can be updated by its user only.
    UpdateDenied = 3029,
    /// The user to update does not exist.
    UpdateUserNotFound = 3030,
    /// Another user has this identity already (register).
    UserExists = 3033,
    /// Logins are switched off.
    LoginDisabled = 3034,
    /// Too many failed logins; the account is locked for a while.
    AccountLocked = 3036,
    /// A required parameter is absent or null.
    ParameterRequired = 3038,
    /// The property `objectId` is reserved.
    ObjectIdReserved = 3039,
    /// An email address of the wrong format.
    InvalidEmail = 3040,
    /// A required property is null or empty.
    PropertyEmpty = 3041,
    /// There is no such custom event.
    EventNotFound = 3042,
    /// The same property twice in one registration.
    PropertyRepeated = 3043,
    /// The limit of concurrent logins is reached.
    TooManyLogins = 3044,
    /// An update that would empty a required property.
    UpdateFieldsEmpty = 3045,
    /// A value of the wrong type for a user's property.
    InvalidPropertyType = 3049,
    /// A password that is not a text.
    PasswordNotText = 3050,
    /// Only server code may change a user's status.
    StatusChangeDenied = 3054,
    /// There is no user with this id.
    UserNotFound = 3057,
    /// The token belongs to no live session.
    DeadToken = 3064,
    /// The user is disabled already.
    AlreadyDisabled = 3085,
    /// The user is enabled already.
    AlreadyEnabled = 3086,
    /// The email address has not been confirmed yet.
    EmailNotConfirmed = 3087,
    /// The account is disabled.
    AccountDisabled = 3090,
    /// The user has confirmed the email address already.
    AlreadyConfirmed = 3102,
    /// Email addresses need no confirmation.
    ConfirmationOff = 3103,
    /// There is no account whose email address could be confirmed.
    ConfirmationUserNotFound = 3104,
    /// No user is logged in.
    NoAuthenticatedUser = 3121,
    /// Only cloud code may verify a password.
    VerifyPasswordDenied = 3122,
    /// Mail is not configured.
    MailNotConfigured = 5050,
    /// A value longer than its property allows, or a body larger than the limit.
    ValueTooLong = 8000,
    /// The same key twice in one JSON object.
    DuplicateProperty = 8001,
    /// A body that cannot be parsed.
    MalformedBody = 8002,
    /// A date that cannot be read.
    InvalidDate = 8003,
    /// A parameter with an impossible value.
    InvalidParameter = 8008,
    /// A system role cannot be removed.
    SystemRoleRemoved = 9008,
    /// There is no API service of this name.
    ServiceNotFound = 14001,
    /// The API service has no such method.
    ServiceMethodNotFound = 14002,
    /// A method of an API service was stopped because it failed.
    InvocationFailed = 14004,
    /// A method of an API service did not finish in its time.
    InvocationTimedOut = 14005,
    /// The caller may not call this service or run this event.
    InvocationDenied = 14008,
    /// An argument of a method is missing, or it has no such argument.
    WrongArguments = 14009,
    /// A handler was stopped: it panicked, or did not finish in its time.
    HandlerTerminated = 15000,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_number_finds_its_code_and_any_other_is_custom() {
        assert_eq!(ErrorCode::DeadToken, ErrorCode::from_number(3064));
        assert_eq!(ErrorCode::Custom(4242), ErrorCode::from_number(4242));
        assert_eq!(4242, ErrorCode::Custom(4242).number());
    }
}
