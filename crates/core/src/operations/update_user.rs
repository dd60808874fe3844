use serde::Serialize;
use serde_json::json;
use vestibule_model::{Catalogue, ObjectId, Password, Properties, USERS, User};

use super::{
    Via,
    description::describe_user,
    reach, saving, user_properties, user_reach,
    user_rows::{self, UserRow},
};
use crate::{
    Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    masking::describe_properties,
    settlement::Performed,
};

/// Columns of a user change; columns that are not named stay.
///
/// Backendless: `beforeUpdate` and `afterUpdate` of users, event 204. A new password ends the
/// user's other sessions, and makes a mailed link that sets one useless. A handler may change the
/// properties, not whom they belong to. Several users at once are changed by
/// [`BulkUpdate`](crate::BulkUpdate) and [`BulkUpsert`](crate::BulkUpsert) of the table `Users`: this
/// event does not come of those.
///
/// The trap: a new email address is not confirmed anew, even where new users have to confirm theirs.
/// Where that matters a before handler refuses the change.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateUser {
    pub(crate) id: ObjectId,
    /// The new values. System columns are ignored.
    pub properties: Properties,
    /// The new password, if it changes.
    pub password: Option<Password>,
    /// Through which door it came.
    pub via: Via,
}

impl UpdateUser {
    /// Takes the changes as a client sent them, the password among the properties.
    pub fn new(id: ObjectId, mut properties: Properties) -> Self {
        let password = properties.remove("password").map(Password::from_value);
        user_properties::drop_servers_own(&mut properties);
        Self {
            id,
            properties,
            password,
            via: Via::UserService,
        }
    }

    /// Who is to be changed.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }
}

impl Event for UpdateUser {
    const NAME: &'static str = "updateUser";
    type Output = User;

    fn describe(&self) -> impl Serialize {
        json!({
            "objectId": self.id.as_str(),
            "properties": describe_properties(&self.properties),
            "changesPassword": self.password.is_some(),
            "via": self.via.as_str(),
        })
    }

    fn describe_output(output: &User) -> impl Serialize {
        describe_user(output)
    }
}

impl FromInput for UpdateUser {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let (id, mut properties) = (input.object_id()?, input.properties()?);
        Ok(Self {
            password: input.changed_password(&mut properties)?,
            via: Via::from_input(input)?,
            ..Self::new(id, properties)
        })
    }
}

impl Sealed for UpdateUser {}
impl ClientEvent for UpdateUser {}

impl Operation for UpdateUser {
    fn permit(&self, ctx: &Context) -> Result<()> {
        user_reach::permit_update(ctx, self.via)
    }

    // Handlers see no call about a user whom the caller may not change.
    async fn verdict(&self, ctx: &Context, permitted: Result<()>) -> Result<()> {
        if self.via == Via::DataService && permitted.is_err() {
            return reach::unless_hidden(ctx, USERS, &self.id, permitted).await;
        }
        permitted?;
        user_reach::may_update(ctx, &self.id, self.via).await
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<User>> {
        let engine = &ctx.shared.engine;
        for attempt in 1.. {
            let row = UserRow::changed(ctx, &self).await?;
            let plan = |catalogue: &Catalogue| user_rows::plan(ctx, catalogue, &[&row]);
            match saving::apply(engine, plan).await {
                Ok(_) => break,
                Err(failed) if failed.is_of_change() && attempt < ATTEMPTS => {}
                Err(failed) => {
                    let reach = user_reach::of_update(ctx, self.via);
                    let failed = user_reach::beyond(failed, &reach, ctx, self.via);
                    return Err(user_rows::refusal(failed, false));
                }
            }
        }
        let updated = engine.storage.user(&self.id).await?;
        let updated = updated.ok_or_else(|| user_rows::not_found(&self.id, self.via))?;
        Ok(Performed::done(updated))
    }
}

/// Times a user is read again because somebody else changed it before a JSON operation did.
const ATTEMPTS: usize = 16;
