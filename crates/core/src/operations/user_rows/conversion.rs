//! The row of a guest who registers.

use vestibule_model::{Catalogue, PasswordHash, USERS, User, UserStatus};
use vestibule_storage::{Change, Precondition, UserUpdate};

use super::{Sent, UserRow, accept, fresh_status, user_properties};
use crate::{Result, context::Context, event::Event, operations::ConvertGuest};

impl UserRow {
    /// The row of a conversion; its checks come in the order of those of a registration.
    ///
    /// # Errors
    /// The codes of a registration, those apart that only the storage can know.
    pub(in crate::operations) async fn converted(
        ctx: &Context,
        guest: User,
        event: &ConvertGuest,
    ) -> Result<Self> {
        let (text, sent) = accept(ctx, event.password.as_ref(), &event.properties)?;
        let row = Self::Converted {
            guest: Box::new(guest),
            sent,
            password: None,
        };
        row.with_password(ctx, text).await
    }

    /// The same conversion of the guest as it is by now.
    pub(in crate::operations) fn of_guest(self, now: User) -> Self {
        match self {
            Self::Converted { sent, password, .. } => Self::Converted {
                guest: Box::new(now),
                sent,
                password,
            },
            other => other,
        }
    }
}

/// The changes that make a registered user of a guest.
///
/// # Errors
/// What does not fit, in the codes of a registration.
pub(super) fn changes(
    ctx: &Context,
    catalogue: &Catalogue,
    guest: &User,
    sent: &Sent,
    password: Option<&PasswordHash>,
) -> Result<Vec<Change>> {
    let id = guest.id();
    let mut named = sent.values.clone();
    user_properties::fill_defaults(&mut named, catalogue);
    // What the server made up when the guest came in is no answer of anybody.
    user_properties::require(&named, catalogue)?;
    let mut properties = user_properties::accept(sent.values.clone(), catalogue, false)?;
    user_properties::fill_named(&mut properties);
    user_properties::keep(&mut properties, &guest.properties, catalogue)?;

    let mut changes = vec![
        Change::Require(Precondition::UserStatusIs(id.clone(), UserStatus::Guest)),
        // What the guest keeps was found to be fit as it was read.
        Change::Require(Precondition::RecordUnchanged {
            table: USERS.to_owned(),
            id: id.clone(),
            updated: guest.updated,
        }),
        Change::UpdateUser(UserUpdate {
            id: id.clone(),
            properties,
            password: password.cloned(),
            at: ctx.now(),
        }),
        Change::SetUserStatus {
            id: id.clone(),
            status: fresh_status(ctx),
            at: ctx.now(),
        },
    ];
    if ctx.call().is_server_code() {
        changes.push(ctx.audit(ConvertGuest::NAME, id));
    }
    Ok(changes)
}
