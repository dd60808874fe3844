use vestibule_model::{ErrorCode, ObjectId, PermissionBase, Settings, User};
use vestibule_storage::Visibility;

use crate::{Error, Result, call::Call, context::Context};

/// Which rows a caller may find, update, remove and relate, where nothing but the base decides.
///
/// It goes into every statement, so what a caller may not see does not exist for that caller: an
/// update of it is 1000, and no clause can probe it.
pub(crate) fn visibility(call: &Call, settings: &Settings) -> Visibility {
    if call.is_server_code() || settings.permissions.base == PermissionBase::Everything {
        return Visibility::Everything;
    }
    call.caller
        .id()
        .map_or(Visibility::Nothing, |id| Visibility::OwnedBy(id.clone()))
}

/// Whether this caller may make records of this table.
///
/// # Errors
/// 1011 for anonymous callers, unless everything is granted: nobody would own what they make.
pub(crate) fn may_create(ctx: &Context, table: &str) -> Result<()> {
    if visibility(ctx.call(), &ctx.settings()) != Visibility::Nothing {
        return Ok(());
    }
    let message = format!(
        "log in first, as a guest for example: nobody else may create records of '{table}'"
    );
    Err(Error::new(ErrorCode::CreateDenied, message))
}

/// Whether this caller may change this user (wire contract, sections 4.6 and 7).
///
/// # Errors
/// 3028 for anonymous callers; 3029 for the account of somebody else, unless everything is granted.
pub(crate) fn may_update_user(ctx: &Context, id: &ObjectId) -> Result<()> {
    let call = ctx.call();
    if call.is_server_code() {
        return Ok(());
    }
    let Some(caller) = call.caller.id() else {
        let message = "log in first: only a logged-in user can update a user";
        return Err(Error::new(ErrorCode::UpdateNeedsLogin, message));
    };
    if caller != id && ctx.settings().permissions.base == PermissionBase::Own {
        let message = "a user can be updated by that user only";
        return Err(Error::new(ErrorCode::UpdateDenied, message));
    }
    Ok(())
}

/// Which users a caller may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Readable {
    /// All of them.
    All,
    /// Those whose row this user owns.
    OwnedBy(ObjectId),
    /// None.
    Nothing,
}

impl Readable {
    /// What this caller may read where nothing but the base decides.
    pub(crate) fn by(call: &Call, base: PermissionBase) -> Self {
        if call.is_server_code() || base == PermissionBase::Everything {
            return Self::All;
        }
        call.caller
            .id()
            .map_or(Self::Nothing, |id| Self::OwnedBy(id.clone()))
    }

    pub(crate) fn includes(&self, user: &User) -> bool {
        match self {
            Self::All => true,
            Self::OwnedBy(owner) => user.owner_id.as_ref() == Some(owner),
            Self::Nothing => false,
        }
    }
}
