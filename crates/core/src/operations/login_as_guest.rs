use serde_json::{Value as Json, json};
use vestibule_model::{ErrorCode, ObjectId, Properties, User, UserStatus};

use super::{LoggedIn, user_properties};
use crate::{
    Error, Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation, describe_properties,
        sealed::{Power, Sealed},
    },
    sessions::{Opened, open_guest},
};

/// A visitor comes in without a form: a row in `Users` and a session of its own.
///
/// Backendless: `beforeLoginAsGuest` and `afterLoginAsGuest`, event 228. The output's user has
/// status GUEST and neither email nor name nor password.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoginAsGuest {
    /// Columns to set on the new guest; a client sends none, a before handler may add some.
    /// What makes a registered user (email, name, password) and system columns are ignored, and so
    /// are properties that the table has no column for.
    pub properties: Properties,
}

impl Event for LoginAsGuest {
    const NAME: &'static str = "loginAsGuest";
    type Output = LoggedIn;

    fn describe(&self) -> Json {
        json!({ "properties": describe_properties(&self.properties) })
    }

    fn describe_output(output: &LoggedIn) -> Json {
        output.describe()
    }
}

impl Sealed for LoginAsGuest {}
impl ClientEvent for LoginAsGuest {}

impl Operation for LoginAsGuest {
    fn permit(&self, ctx: &Context) -> Result<()> {
        if ctx.settings().guests.enabled {
            return Ok(());
        }
        let message = "guests are not welcome here: guest login is switched off for this app";
        Err(Error::new(ErrorCode::OperationNotAllowed, message))
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Opened> {
        let engine = &ctx.shared.engine;
        let now = ctx.now();
        let id = ObjectId::generate(now, &*engine.randomness);
        let mut properties = self.properties;
        for name in ["email", "name"] {
            properties.remove(name);
        }
        let catalogue = engine.storage.catalogue().await?;
        let mut user = User::new(id, UserStatus::Guest, now);
        user_properties::fill_defaults(&mut properties, &catalogue);
        user.properties = user_properties::accept(properties, &catalogue, true)?;
        user_properties::fill(&mut user.properties, &catalogue);
        open_guest(ctx, user).await
    }
}
