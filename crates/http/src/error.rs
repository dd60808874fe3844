//! The only place where errors become answers.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use vestibule_core::Error;
use vestibule_model::ErrorCode;
use vestibule_wire::{BadRequest, ErrorBody};

use crate::answer;

/// An error on its way to the client.
pub(crate) struct Refusal {
    error: Error,
    /// The status that handlers chose for the answer, whatever it would be.
    by_handlers: Option<u16>,
    /// Whether the log has it already.
    is_logged: bool,
}

impl Refusal {
    /// The error of a call, which the pipeline has logged, and the status that handlers chose.
    pub(crate) fn of_call(error: Error, by_handlers: Option<u16>) -> Self {
        Self {
            error,
            by_handlers,
            is_logged: true,
        }
    }

    /// The code that the client gets.
    pub(crate) fn code(&self) -> ErrorCode {
        self.error.code()
    }

    /// What a page says of it: the status and the message for the reader.
    pub(crate) fn told(&self) -> (StatusCode, String) {
        if self.error.is_internal() && !self.is_logged {
            self.log();
        }
        (self.status(), self.error.message().to_owned())
    }

    /// The status: the error's own, or the one that handlers chose, or the usual one of its code.
    fn status(&self) -> StatusCode {
        let chosen = [self.error.chosen_status(), self.by_handlers];
        chosen
            .into_iter()
            .flatten()
            .find_map(of_a_failure)
            .unwrap_or_else(|| usual_status(self.error.code()))
    }

    /// The span around this has the id of the request. What is no internal error is a refusal, and
    /// no news for the operator.
    fn log(&self) {
        let error = self.error.log();
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(error, "a request was turned away");
        } else {
            tracing::error!(error, "a request failed");
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self {
            error,
            by_handlers: None,
            is_logged: false,
        }
    }
}

impl From<BadRequest> for Refusal {
    fn from(refusal: BadRequest) -> Self {
        Error::new(refusal.code, refusal.message).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (error, status) = (&self.error, self.status());
        if error.is_internal() && !self.is_logged {
            self.log();
        }
        let mut response = answer::json(&ErrorBody::new(error.code(), error.message()));
        *response.status_mut() = status;
        if let Some(wait) = error.wait() {
            let seconds = HeaderValue::from(whole_seconds(wait));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

/// A status that says failure, and that the SDK does not take for something else: it shows 502 as
/// a lost connection.
fn of_a_failure(status: u16) -> Option<StatusCode> {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| status.is_client_error() || status.is_server_error())
        .filter(|status| *status != StatusCode::BAD_GATEWAY)
}

/// Rounded up: who comes back earlier is refused again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// The status of each code (wire contract, sections 3.2 and 13). There is no wildcard on purpose:
/// a new code does not compile until it has a status.
pub(crate) fn usual_status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidLoginOrPassword | ErrorCode::DeadToken => StatusCode::UNAUTHORIZED,
        ErrorCode::FindDenied
        | ErrorCode::OperationNotAllowed
        | ErrorCode::RegistrationDisabled
        | ErrorCode::UpdateDenied
        | ErrorCode::CreateDenied
        | ErrorCode::UpdateRecordDenied
        | ErrorCode::RemoveDenied
        | ErrorCode::DescribeDenied
        | ErrorCode::InvocationDenied
        | ErrorCode::PermissionChangeDenied
        | ErrorCode::TableOperationDenied
        | ErrorCode::RemoveUserDenied => StatusCode::FORBIDDEN,
        ErrorCode::IdentityExists | ErrorCode::UserExists => StatusCode::CONFLICT,
        ErrorCode::LimitExhausted => StatusCode::TOO_MANY_REQUESTS,
        // Business logic that fails by a plain error answers code 0 with 400; failures of the
        // server itself bring their own status along.
        ErrorCode::Internal
        | ErrorCode::EntityNotFound
        | ErrorCode::NothingToUpdate
        | ErrorCode::InvalidOffset
        | ErrorCode::InvalidPageSize
        | ErrorCode::UnknownColumn
        | ErrorCode::InvalidDataType
        | ErrorCode::TableNotFound
        | ErrorCode::DuplicateEntry
        | ErrorCode::PageSizeTooLarge
        | ErrorCode::InvalidWhereClause
        | ErrorCode::WrongApplication
        | ErrorCode::LoginByObjectIdDenied
        | ErrorCode::LoginFailed
        | ErrorCode::AlreadyLoggedIn
        | ErrorCode::EmptyLoginOrPassword
        | ErrorCode::PasswordRequired
        | ErrorCode::PropertyRequired
        | ErrorCode::IdentityRequired
        | ErrorCode::UpdateFailed
        | ErrorCode::UpdateNeedsLogin
        | ErrorCode::UpdateUserNotFound
        | ErrorCode::LoginDisabled
        | ErrorCode::AccountLocked
        | ErrorCode::ParameterRequired
        | ErrorCode::ObjectIdReserved
        | ErrorCode::InvalidEmail
        | ErrorCode::PropertyEmpty
        | ErrorCode::EventNotFound
        | ErrorCode::PropertyRepeated
        | ErrorCode::TooManyLogins
        | ErrorCode::UpdateFieldsEmpty
        | ErrorCode::InvalidPropertyType
        | ErrorCode::PasswordNotText
        | ErrorCode::StatusChangeDenied
        | ErrorCode::UserNotFound
        | ErrorCode::AlreadyDisabled
        | ErrorCode::AlreadyEnabled
        | ErrorCode::EmailNotConfirmed
        | ErrorCode::AccountDisabled
        | ErrorCode::NoAuthenticatedUser
        | ErrorCode::VerifyPasswordDenied
        | ErrorCode::ValueTooLong
        | ErrorCode::DuplicateProperty
        | ErrorCode::MalformedBody
        | ErrorCode::InvalidDate
        | ErrorCode::InvalidParameter
        | ErrorCode::PropertiesNotFound
        | ErrorCode::RemoveWithoutId
        | ErrorCode::BulkUpdateOfSystemColumns
        | ErrorCode::RecordExists
        | ErrorCode::TableMissing
        | ErrorCode::ColumnMissing
        | ErrorCode::RelationMissing
        | ErrorCode::RelationOccupied
        | ErrorCode::ColumnRequired
        | ErrorCode::PropertyNotNull
        | ErrorCode::SchemaChanged
        | ErrorCode::UsersTableProhibited
        | ErrorCode::TooManyColumns
        | ErrorCode::TooManyTables
        | ErrorCode::RelatedTableMissing
        | ErrorCode::ColumnExists
        | ErrorCode::ReservedName
        | ErrorCode::ColumnContradictsRows
        | ErrorCode::TableExists
        | ErrorCode::SystemColumnProhibited
        | ErrorCode::PropertyEmptyText
        | ErrorCode::DuplicateColumnValue
        | ErrorCode::TableInUse
        | ErrorCode::BulkUpdateOfIdentity
        | ErrorCode::InvalidWhere
        | ErrorCode::InvalidHaving
        | ErrorCode::PermissionImpossible
        | ErrorCode::WrongOperation
        | ErrorCode::OperationNotSupported
        | ErrorCode::RoleNotFound
        | ErrorCode::RoleExists
        | ErrorCode::SystemRoleAssigned
        | ErrorCode::SystemRoleUnassigned
        | ErrorCode::SystemRoleRemoved
        | ErrorCode::RoleChangeDenied
        | ErrorCode::RestoreUserNotFound
        | ErrorCode::RestoreFailed
        | ErrorCode::AlreadyConfirmed
        | ErrorCode::ConfirmationOff
        | ErrorCode::ConfirmationUserNotFound
        | ErrorCode::MailNotConfigured
        | ErrorCode::ServiceNotFound
        | ErrorCode::ServiceMethodNotFound
        | ErrorCode::InvocationFailed
        | ErrorCode::InvocationTimedOut
        | ErrorCode::WrongArguments
        | ErrorCode::HandlerTerminated
        | ErrorCode::Custom(_) => StatusCode::BAD_REQUEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, error: Error, by_handlers: Option<u16>) {
        let refusal = Refusal::of_call(error, by_handlers);
        assert_eq!(status, refusal.status().as_u16());
    }

    #[test]
    fn the_status_is_the_errors_own_then_the_handlers_then_the_codes() {
        check(418, Error::refused(4242).status(418), Some(410));
        check(410, Error::refused(4242), Some(410));
        check(400, Error::refused(4242), None);
        check(429, Error::refused(999), None);
        check(500, Error::internal("broken"), None);
        check(503, Error::unavailable("full"), None);
    }

    #[test]
    fn an_error_never_looks_like_a_success_nor_like_a_lost_connection() {
        for status in [0, 200, 204, 302, 304, 502, 999] {
            check(400, Error::refused(4242).status(status), Some(status));
        }
    }

    #[test]
    fn waits_are_rounded_up() {
        assert_eq!(0, whole_seconds(Duration::ZERO));
        assert_eq!(1, whole_seconds(Duration::from_millis(1)));
        assert_eq!(2, whole_seconds(Duration::from_millis(1001)));
    }
}
