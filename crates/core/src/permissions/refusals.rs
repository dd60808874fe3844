use vestibule_model::{ErrorCode, PermissionOperation};

use crate::{Error, call::Caller, context::Context};

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

/// What helps: whoever is nobody can become somebody, and the operator can grant it to anybody.
fn way_out(ctx: &Context, operation: PermissionOperation, resource: &str) -> String {
    let is_of_users = matches!(
        operation,
        PermissionOperation::Login | PermissionOperation::LoginAsGuest
    );
    if ctx.call().caller == Caller::Anonymous && !is_of_users {
        return "log in first, as a guest for example".to_owned();
    }
    format!("the operator can grant {operation} on '{resource}' to you or to a role of yours")
}
