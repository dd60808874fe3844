use serde::Serialize;
use serde_json::json;
use vestibule_model::{LinkPurpose, User, UserStatus};
use vestibule_storage::{Change, StorageError};

use super::{description::describe_user, email_confirmation::already_confirmed};
use crate::{
    Error, Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    one_time_links,
    sessions::Token,
    settlement::Performed,
};

/// A user who registered confirms the email address with a link that was mailed, and may log in from
/// then on.
///
/// Backendless: `afterEmailConfirmed`, event 222. The output is the user, enabled. It does not log in.
///
/// The trap: an operator or cloud code can enable a pending user without it
/// ([`ChangeUserStatus`](crate::ChangeUserStatus)), and no handler of this event runs then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmEmail {
    link: Option<Token>,
}

impl ConfirmEmail {
    /// Confirms with the secret part of a link, the last one of its path.
    pub fn new(link: &str) -> Self {
        let link = Token::parse(link);
        Self { link }
    }
}

impl Event for ConfirmEmail {
    const NAME: &'static str = "confirmEmail";
    type Output = User;

    fn describe(&self) -> impl Serialize {
        json!({})
    }

    fn describe_output(output: &User) -> impl Serialize {
        describe_user(output)
    }
}

impl FromInput for ConfirmEmail {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        // Nobody is shown the secret of a link, so there may be none.
        let link = input.optional_text("link")?;
        Ok(Self::new(&link.unwrap_or_default()))
    }
}

impl Sealed for ConfirmEmail {}
impl ClientEvent for ConfirmEmail {}

impl Operation for ConfirmEmail {
    fn permit(&self, _ctx: &Context) -> Result<()> {
        // Whoever holds the link was handed it by mail.
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<User>> {
        let engine = &ctx.shared.engine;
        let purpose = LinkPurpose::ConfirmEmail;
        let found = one_time_links::find(&*engine.storage, self.link.as_ref(), purpose, ctx.now());
        let (link, user) = found.await?.ok_or_else(dead_link)?;
        one_time_links::refuse_disabled(&user)?;
        if user.status != UserStatus::EmailConfirmationPending {
            return Err(already_confirmed());
        }
        let id = user.id();
        let mut changes = Vec::from(one_time_links::still_works(&link, &user));
        changes.extend([
            one_time_links::removal(id, purpose),
            Change::ConfirmEmail {
                id: id.clone(),
                at: ctx.now(),
            },
            // Memory is about to forget these sessions, which go on: a guest who registered has one.
            Change::RecordActivity(engine.sessions.last_uses_of(id)),
        ]);
        engine.apply(changes).await.map_err(|error| match error {
            StorageError::Refused { .. } => dead_link(),
            error => error.into(),
        })?;
        let user = engine.storage.user(id).await?.ok_or_else(dead_link)?;
        Ok(Performed::done(user))
    }
}

/// One text for every reason: who has no good link learns nothing.
fn dead_link() -> Error {
    let message = "this link works no more: it was used, it is too old, or a newer one was sent; \
                   log in if you have confirmed already, or ask for another mail";
    Error::invalid(message).status(410)
}
