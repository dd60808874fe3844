use serde::Serialize;
use serde_json::{Value as Json, json};

use super::email_confirmation::pending_user;
use crate::{
    Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    settlement::Performed,
};

/// Somebody who registered asks for another mail with a link that confirms the email address.
///
/// Backendless: none, it cannot be hooked there. The link in the earlier mail dies. The
/// call does not wait for the mail; if it cannot be sent, the log says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResendConfirmation {
    /// What the user will log in with.
    pub identity: String,
}

impl ResendConfirmation {
    /// Asks for the user who registered as this.
    pub fn new(identity: impl Into<String>) -> Self {
        let identity = identity.into();
        Self { identity }
    }
}

impl Event for ResendConfirmation {
    const NAME: &'static str = "resendConfirmation";
    type Output = ();

    fn describe(&self) -> impl Serialize {
        json!({ "identity": self.identity })
    }

    fn describe_output((): &()) -> impl Serialize {
        Json::Null
    }
}

impl FromInput for ResendConfirmation {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            identity: input.text("identity")?,
        })
    }
}

impl Sealed for ResendConfirmation {}
impl ClientEvent for ResendConfirmation {}

impl Operation for ResendConfirmation {
    fn permit(&self, _ctx: &Context) -> Result<()> {
        // It helps nobody but the owner of the mailbox, so no permission is about it.
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<()>> {
        let user = pending_user(ctx, &self.identity).await?;
        // Without a mailer it says so in the log, and the caller hears nothing (wire contract, 4.7).
        ctx.shared.engine.outbox.resend(&user)?;
        Ok(Performed::done(()))
    }
}
