use serde::Serialize;
use serde_json::json;
use vestibule_model::{ErrorCode, ObjectId};

use super::{LoggedIn, login::refuse_by_status};
use crate::{
    Error, Result,
    context::Context,
    event::{
        CodeRunnerEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    sessions::{Opened, open_session},
};

/// Trusted server code logs a user in, knowing nothing but the objectId.
///
/// Backendless: none of its own, it is a login with the CodeRunner key there. It is not a
/// `ClientEvent`: handlers ask for it with `ctx.cloud().login_by_object_id(..)`, and whoever holds
/// the CodeRunner key may send it over HTTP. Guests can be logged in this way too. Every use leaves
/// an audit record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginByObjectId {
    /// Who is to be logged in.
    pub object_id: ObjectId,
}

impl LoginByObjectId {
    /// Asks for this user. Having the event is no power yet: somebody must take it.
    pub fn new(object_id: ObjectId) -> Self {
        Self { object_id }
    }
}

impl Event for LoginByObjectId {
    const NAME: &'static str = "loginByObjectId";
    type Output = LoggedIn;

    fn describe(&self) -> impl Serialize {
        json!({ "objectId": self.object_id.as_str() })
    }

    fn describe_output(output: &LoggedIn) -> impl Serialize {
        output.describe()
    }
}

impl FromInput for LoginByObjectId {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            object_id: input.object_id()?,
        })
    }
}

impl Sealed for LoginByObjectId {}
impl CodeRunnerEvent for LoginByObjectId {}

impl Operation for LoginByObjectId {
    fn permit(&self, _ctx: &Context) -> Result<()> {
        // Whoever could send this was handed the power to.
        Ok(())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Opened> {
        let user = ctx
            .shared
            .engine
            .storage
            .user(&self.object_id)
            .await?
            .ok_or_else(|| {
                let message = format!("there is no user with the id {}", self.object_id);
                Error::new(ErrorCode::UserNotFound, message)
            })?;
        refuse_by_status(&user)?;
        let audit = ctx.audit(Self::NAME, user.id());
        open_session(ctx, user, vec![audit]).await
    }
}
