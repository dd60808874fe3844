//! Whom a caller may find, change and remove, of all users.

use std::{collections::BTreeMap, sync::Arc};

use vestibule_model::{ErrorCode, ObjectId, PermissionOperation, USERS};
use vestibule_storage::{Rows, Visibility, VisibleRows};

use super::{
    Via,
    attempt::attempts,
    matching_children,
    reach::{self, Reach},
    saving::{self, Failed},
};
use crate::{Error, Result, context::Context, permissions};

/// Whether this caller may change any user at all.
///
/// # Errors
/// 1012 through the data service. Through the user service 2000 if that denies it, 3028 without a
/// session, and 3029.
pub(super) fn permit_update(ctx: &Context, via: Via) -> Result<()> {
    if via == Via::DataService {
        return permissions::permit(ctx, USERS, PermissionOperation::Update);
    }
    permissions::permit_update_of_users(ctx)?;
    if ctx.call().caller.id().is_none() && !ctx.call().is_server_code() {
        let message = "log in first: only a logged-in user can update a user";
        return Err(Error::new(ErrorCode::UpdateNeedsLogin, message));
    }
    match permissions::rows_of_user_service(ctx, PermissionOperation::Update) {
        Rows::Nothing => Err(update_denied()),
        Rows::All | Rows::Where(_) => Ok(()),
    }
}

/// Whether this caller may change this very user, whom it may change some of.
///
/// # Errors
/// 1000 and 1012 through the data service, 3029 through the user service; there nobody is told
/// whether there is such a user.
pub(super) async fn may_update(ctx: &Context, id: &ObjectId, via: Via) -> Result<()> {
    match via {
        Via::DataService => may_do(ctx, id, PermissionOperation::Update).await,
        Via::UserService => {
            for operation in [PermissionOperation::Find, PermissionOperation::Update] {
                let rows = permissions::rows_of_user_service(ctx, operation);
                if !is_among(ctx, id, &rows).await? {
                    return Err(update_denied());
                }
            }
            Ok(())
        }
    }
}

/// Whether this caller may do this with the row of this very user.
///
/// # Errors
/// 1000 if the caller may not find it, else what the operation is refused with.
pub(super) async fn may_do(
    ctx: &Context,
    id: &ObjectId,
    operation: PermissionOperation,
) -> Result<()> {
    if !may_find(ctx, id).await? {
        return Err(saving::not_found(id));
    }
    if is_among(ctx, id, &permissions::rows(ctx, USERS, operation)).await? {
        return Ok(());
    }
    let denied = Err(permissions::denied(ctx, USERS, operation));
    reach::unless_hidden(ctx, USERS, id, denied).await
}

/// Whether this caller may find this user, if there is one.
pub(crate) async fn may_find(ctx: &Context, id: &ObjectId) -> Result<bool> {
    is_among(ctx, id, permissions::visibility(ctx).of(USERS)).await
}

/// Whether the row of this user is among these.
async fn is_among(ctx: &Context, id: &ObjectId, rows: &Rows) -> Result<bool> {
    // Every user owns its own row and nobody else's: for most callers there is nothing to look up.
    let caller = ctx.call().caller.id();
    if let Some(caller) = caller.filter(|caller| *rows == Rows::owned_by(caller)) {
        return Ok(caller == id);
    }
    match rows {
        Rows::All => Ok(true),
        Rows::Nothing => Ok(false),
        Rows::Where(_) => {
            let storage = &*ctx.shared.engine.storage;
            let found = attempts(|| {
                matching_children::among(storage, USERS, vec![id.clone()], rows.clone())
            });
            Ok(!found.await?.is_empty())
        }
    }
}

/// What must be true of users in the step that changes them.
pub(super) fn of_update(ctx: &Context, via: Via) -> Reach {
    let operation = PermissionOperation::Update;
    match via {
        Via::DataService => Reach::of(ctx, USERS, &[operation]),
        Via::UserService => {
            let rows = |operation| permissions::rows_of_user_service(ctx, operation);
            let found = Visibility::ByTable(Arc::new(VisibleRows {
                tables: BTreeMap::new(),
                rest: rows(PermissionOperation::Find),
            }));
            Reach::among(found, USERS, [(operation, rows(operation))].into_iter())
        }
    }
}

/// Why users were not changed; if they are beyond reach, in the words of the door.
pub(super) fn beyond(failed: Failed, reach: &Reach, ctx: &Context, via: Via) -> Failed {
    match (failed.beyond(reach, ctx), via) {
        (Failed::Refused(error), Via::UserService)
            if matches!(
                error.code(),
                ErrorCode::EntityNotFound | ErrorCode::UpdateRecordDenied
            ) =>
        {
            update_denied().into()
        }
        (failed, _) => failed,
    }
}

fn update_denied() -> Error {
    let message = "you may not change this user: a user can be updated by that user, and by whom \
                   the operator grants it";
    Error::new(ErrorCode::UpdateDenied, message)
}
