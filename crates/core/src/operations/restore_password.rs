use serde::Serialize;
use serde_json::{Value as Json, json};
use vestibule_model::{ErrorCode, PermissionOperation, User};

use crate::{
    Error, Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    one_time_links::refuse_disabled,
    permissions,
    settlement::Performed,
};

/// Somebody forgot a password, and asks for a mail with a link that sets a new one.
///
/// Backendless: `beforeRestorePassword` and `afterRestorePassword`, event 210. The link works once and
/// for an hour; what it does is [`SetPasswordByLink`](crate::SetPasswordByLink). The mail goes to the
/// user's email address, whatever column users log in with.
///
/// The trap: whoever may ask learns whether there is such a user (3020), as on Backendless. Where
/// that is a secret, a before handler answers early for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestorePassword {
    /// What the user logs in with.
    pub identity: String,
}

impl RestorePassword {
    /// Asks for the user who logs in as this.
    pub fn new(identity: impl Into<String>) -> Self {
        let identity = identity.into();
        Self { identity }
    }
}

impl Event for RestorePassword {
    const NAME: &'static str = "restorePassword";
    type Output = ();

    fn describe(&self) -> impl Serialize {
        json!({ "identity": self.identity })
    }

    fn describe_output((): &()) -> impl Serialize {
        Json::Null
    }
}

impl FromInput for RestorePassword {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            identity: input.text("identity")?,
        })
    }
}

impl Sealed for RestorePassword {}
impl ClientEvent for RestorePassword {}

impl Operation for RestorePassword {
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::permit_users(ctx, PermissionOperation::RestorePassword)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<()>> {
        let engine = &ctx.shared.engine;
        if !engine.outbox.is_on() {
            let message = "mail is not configured, so no password can be restored; ask whoever \
                           runs this app";
            return Err(Error::new(ErrorCode::MailNotConfigured, message));
        }
        let account = engine.storage.account_by_identity(&self.identity).await?;
        let user = account.map(|account| account.user);
        // A guest has no password that could be restored.
        let Some(user) = user.filter(|user: &User| !user.is_guest()) else {
            let message = "there is no user with this identity; check how it is spelled";
            return Err(Error::new(ErrorCode::RestoreUserNotFound, message));
        };
        // Who has not confirmed the address may set a password, and still has to confirm.
        refuse_disabled(&user)?;
        engine.outbox.send_restore_password(&user).await?;
        Ok(Performed::done(()))
    }
}
