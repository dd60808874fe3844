//! Users who registered and have not confirmed their email address yet.

use vestibule_model::{ErrorCode, User, UserStatus};

use crate::{Error, Result, context::Context, one_time_links::refuse_disabled};

/// The user who logs in as this and still has to confirm the address.
///
/// # Errors
/// 3103 while nobody has to, 3104 if there is no such user, 3090 for a disabled one, 3102 if there is
/// nothing to confirm.
pub(super) async fn pending_user(ctx: &Context, identity: &str) -> Result<User> {
    if !ctx.settings().registration.email_confirmation_required {
        let message = "nobody has to confirm an email address here: \
                       registration.emailConfirmationRequired is off";
        return Err(Error::new(ErrorCode::ConfirmationOff, message));
    }
    let storage = &ctx.shared.engine.storage;
    let account = storage.account_by_identity(identity).await?;
    let user = account.map(|account| account.user);
    let Some(user) = user.filter(|user| !user.is_guest()) else {
        let message = "there is no user with this identity; check how it is spelled";
        return Err(Error::new(ErrorCode::ConfirmationUserNotFound, message));
    };
    refuse_disabled(&user)?;
    if user.status == UserStatus::EmailConfirmationPending {
        return Ok(user);
    }
    Err(already_confirmed())
}

/// There is nothing to confirm.
pub(super) fn already_confirmed() -> Error {
    let message = "the email address of this user is confirmed already; log in";
    Error::new(ErrorCode::AlreadyConfirmed, message)
}
