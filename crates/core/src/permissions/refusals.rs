use std::fmt;

use vestibule_model::{ErrorCode, PermissionOperation};

use super::Callable;
use crate::{
    Error,
    call::{Call, Caller},
    context::Context,
    custom_event::CallableBy,
};

/// What a caller hears who may not do this with a table, or not with the record in question.
pub(crate) fn denied(ctx: &Context, table: &str, operation: PermissionOperation) -> Error {
    let (code, what) = match operation {
        PermissionOperation::Find => (ErrorCode::FindDenied, "find records of"),
        PermissionOperation::Add => (ErrorCode::CreateDenied, "create records of"),
        PermissionOperation::Update => (ErrorCode::UpdateRecordDenied, "change this in"),
        PermissionOperation::Remove => (ErrorCode::RemoveDenied, "remove this from"),
        PermissionOperation::Describe => (ErrorCode::DescribeDenied, "describe"),
        PermissionOperation::Permission => {
            let what = "change these permissions of";
            (ErrorCode::PermissionChangeDenied, what)
        }
        operation => {
            let message = format!(
                "current user has no permission for {operation} operation on table '{table}'; {}",
                way_out(ctx, operation, &format!("data:{table}"))
            );
            return Error::new(ErrorCode::TableOperationDenied, message);
        }
    };
    let message = format!(
        "you may not {what} table '{table}'; {}",
        way_out(ctx, operation, &format!("data:{table}"))
    );
    Error::new(code, message)
}

/// What a caller hears who may not do this with the user service (2000).
pub(super) fn denied_to_users(ctx: &Context, operation: PermissionOperation) -> Error {
    Error::forbidden(format!(
        "you may not use the operation {operation} of the user service; {}",
        way_out(ctx, operation, "users")
    ))
}

/// What a caller hears for whom an event or a method is not (14008).
pub(super) fn denied_to_callers(
    call: &Call,
    callable: Callable<'_>,
    callable_by: CallableBy,
) -> Error {
    let message = match callable_by {
        CallableBy::User if call.caller == Caller::Anonymous => {
            format!("{callable} is for logged-in users; log in first, as a guest for example")
        }
        CallableBy::Role(role) => {
            format!("{callable} is for callers in the role '{role}'; the operator can assign it")
        }
        CallableBy::Anyone | CallableBy::User | CallableBy::Server => {
            format!("{callable} is for server code alone")
        }
    };
    Error::new(ErrorCode::InvocationDenied, message)
}

/// What a caller hears who may not run an event or call a service by a permission (14008).
pub(super) fn denied_call(callable: Callable<'_>) -> Error {
    let message = match callable {
        Callable::Event(name) => format!(
            "you may not run the event '{name}'; the operator can take that back on 'events:{name}'"
        ),
        Callable::Method { service, .. } => format!(
            "you may not call the service '{service}'; the operator can take that back on \
             'services:{service}'"
        ),
    };
    Error::new(ErrorCode::InvocationDenied, message)
}

/// As refusals name it.
impl fmt::Display for Callable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(name) => write!(f, "the event '{name}'"),
            Self::Method { service, method } => {
                write!(f, "the method {method} of the service '{service}'")
            }
        }
    }
}

/// What helps: whoever is nobody can become somebody, and the operator can grant it to anybody.
fn way_out(ctx: &Context, operation: PermissionOperation, resource: &str) -> String {
    let is_of_users = matches!(
        operation,
        PermissionOperation::Login | PermissionOperation::LoginAsGuest
    );
    if ctx.call().caller == Caller::Anonymous && !is_of_users {
        return "log in first, as a guest for example".to_owned();
    }
    let table = resource.strip_prefix("data:");
    let permissions = ctx.shared.engine.permissions.current();
    if table.is_some_and(|table| permissions.is_server_only(table)) {
        return "it is for server code alone".to_owned();
    }
    format!("the operator can grant {operation} on '{resource}' to you or to a role of yours")
}
