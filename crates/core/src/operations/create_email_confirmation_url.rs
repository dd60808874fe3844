use std::fmt;

use serde::Serialize;
use serde_json::json;
use vestibule_model::{ErrorCode, LinkPurpose, PermissionBase};

use super::email_confirmation::pending_user;
use crate::{
    Error, Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    settlement::Performed,
};

/// Somebody asks for the link itself that confirms the email address of a user, to send it another way.
///
/// Backendless: none, it cannot be hooked there. The link goes past the mailbox, so whoever
/// has it can confirm an address without owning it: server code may ask, and everybody only where
/// everything is granted (`permissions.base` "everything"). An earlier link of the user dies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateEmailConfirmationUrl {
    /// What the user will log in with.
    pub identity: String,
}

impl CreateEmailConfirmationUrl {
    /// Asks for the user who registered as this.
    pub fn new(identity: impl Into<String>) -> Self {
        let identity = identity.into();
        Self { identity }
    }
}

/// A link that confirms an email address. `Debug` does not print it; it is had with
/// [`reveal`](ConfirmationUrl::reveal).
#[derive(Clone, PartialEq, Eq)]
pub struct ConfirmationUrl(String);

impl ConfirmationUrl {
    /// The link as whoever asked for it gets it. Nobody else may see it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ConfirmationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmationUrl(..)")
    }
}

impl Event for CreateEmailConfirmationUrl {
    const NAME: &'static str = "createEmailConfirmationURL";
    type Output = ConfirmationUrl;

    fn describe(&self) -> impl Serialize {
        json!({ "identity": self.identity })
    }

    fn describe_output(_output: &ConfirmationUrl) -> impl Serialize {
        json!({ "confirmationURL": "***" })
    }
}

impl FromInput for CreateEmailConfirmationUrl {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            identity: input.text("identity")?,
        })
    }
}

impl Sealed for CreateEmailConfirmationUrl {}
impl ClientEvent for CreateEmailConfirmationUrl {}

impl Operation for CreateEmailConfirmationUrl {
    fn permit(&self, ctx: &Context) -> Result<()> {
        let everything = ctx.settings().permissions.base == PermissionBase::Everything;
        if ctx.call().is_server_code() || everything {
            return Ok(());
        }
        Err(Error::forbidden(
            "only server code may have the link of another mailbox; use resendEmailConfirmation, \
             which mails it",
        ))
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<ConfirmationUrl>> {
        let engine = &ctx.shared.engine;
        let user = pending_user(ctx, &self.identity).await?;
        let by_server_code = ctx.call().is_server_code();
        let audit = by_server_code.then(|| ctx.audit(Self::NAME, user.id()));
        let url = engine
            .outbox
            .link_for(&user, LinkPurpose::ConfirmEmail, audit)
            .await?;
        let url = url.ok_or_else(|| {
            let message = "this user has no email address to confirm; set one first";
            Error::new(ErrorCode::ConfirmationUserNotFound, message)
        })?;
        Ok(Performed::done(ConfirmationUrl(url)))
    }
}
