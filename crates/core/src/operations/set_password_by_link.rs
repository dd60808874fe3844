use serde::Serialize;
use serde_json::{Value as Json, json};
use vestibule_model::{ErrorCode, LinkPurpose, Password, Properties};
use vestibule_storage::{Change, StorageError, UserUpdate};

use super::user_properties::accept_password;
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

/// Somebody sets a new password with a link that was mailed, without knowing the old one.
///
/// Backendless: none. It ends all sessions of the user, opens an account that failed logins have
/// locked, and uses the link up. It does not log in. A before handler can refuse weak passwords
/// here, as on [`Register`](crate::Register) and [`UpdateUser`](crate::UpdateUser); the page shows
/// the message of its error.
///
/// The link is the proof: no permission has a say, and who disabled RESTORE_PASSWORD meanwhile has
/// stopped new mails, not the links in old ones.
#[derive(Clone, Debug, PartialEq)]
pub struct SetPasswordByLink {
    link: Option<Token>,
    /// The new password, if one was sent.
    pub password: Option<Password>,
}

impl SetPasswordByLink {
    /// Sets this password with the secret part of a link, the last one of its path.
    pub fn new(link: &str, password: Option<Password>) -> Self {
        let link = Token::parse(link);
        Self { link, password }
    }
}

impl Event for SetPasswordByLink {
    const NAME: &'static str = "setPasswordByLink";
    type Output = ();

    fn describe(&self) -> impl Serialize {
        json!({ "changesPassword": self.password.is_some() })
    }

    fn describe_output((): &()) -> impl Serialize {
        Json::Null
    }
}

impl FromInput for SetPasswordByLink {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        // Nobody is shown the secret of a link, so there may be none.
        let link = input.optional_text("link")?.unwrap_or_default();
        let password = input.changed_password(&mut Properties::new())?;
        Ok(Self::new(&link, password))
    }
}

impl Sealed for SetPasswordByLink {}
impl ClientEvent for SetPasswordByLink {}

impl Operation for SetPasswordByLink {
    fn permit(&self, _ctx: &Context) -> Result<()> {
        // Whoever holds the link was handed it by mail.
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<()>> {
        let engine = &ctx.shared.engine;
        let purpose = LinkPurpose::RestorePassword;
        // First the link: to hash costs more than all the rest, and is not for everybody.
        let found = one_time_links::find(&*engine.storage, self.link.as_ref(), purpose, ctx.now());
        let (link, user) = found.await?.ok_or_else(dead_link)?;
        one_time_links::refuse_disabled(&user)?;
        let password = accept_password(self.password.as_ref())?;
        let password = engine.passwords.hash(password, &*engine.randomness).await?;
        let id = user.id();
        let mut changes = Vec::from(one_time_links::still_works(&link, &user));
        changes.extend([
            one_time_links::removal(id, purpose),
            Change::EndSessionsOf {
                user_id: id.clone(),
                except: None,
            },
            Change::ForgetFailedLogins {
                user_id: id.clone(),
            },
            Change::UpdateUser(UserUpdate {
                id: id.clone(),
                properties: Properties::new(),
                password: Some(password),
                at: ctx.now(),
            }),
            ctx.audit(Self::NAME, id),
        ]);
        engine.apply(changes).await.map_err(|error| match error {
            // Used, disabled, or moved to another address, while the password was hashed.
            StorageError::Refused { .. } => dead_link(),
            error => error.into(),
        })?;
        Ok(Performed::done(()))
    }
}

/// One text for every reason: who has no good link learns nothing.
fn dead_link() -> Error {
    let message = "this link works no more: it was used, it is too old, or a newer one was sent; \
                   ask for another mail";
    Error::new(ErrorCode::RestoreFailed, message).status(410)
}
