use serde_json::{Value as Json, json};
use vestibule_model::{Catalogue, ErrorCode, ObjectId, Password, Properties, User};
use vestibule_storage::{Change, Constraint, Precondition, StorageError, UserUpdate};

use super::{
    login::describe_user,
    user_properties::{self, accept_password, duplicate, identity_of},
};
use crate::{
    Error, Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation, describe_properties,
        sealed::{Power, Sealed},
    },
    permissions,
    settlement::Performed,
};

/// Columns of a user change; columns that are not named stay.
///
/// Backendless: `beforeUpdate` and `afterUpdate` of users, event 204. A new password ends the
/// user's other sessions. A handler may change the properties, not whom they belong to.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateUser {
    pub(crate) id: ObjectId,
    /// The new values. System columns are ignored.
    pub properties: Properties,
    /// The new password, if it changes.
    pub password: Option<Password>,
}

impl UpdateUser {
    /// Takes the changes as a client sent them, the password among the properties.
    pub fn new(id: ObjectId, mut properties: Properties) -> Self {
        let password = properties.remove("password").map(Password::from_value);
        Self {
            id,
            properties,
            password,
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

    fn describe(&self) -> Json {
        json!({
            "objectId": self.id.as_str(),
            "properties": describe_properties(&self.properties),
            "changesPassword": self.password.is_some(),
        })
    }

    fn describe_output(output: &User) -> Json {
        describe_user(output)
    }
}

impl Sealed for UpdateUser {}
impl ClientEvent for UpdateUser {}

impl Operation for UpdateUser {
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::may_update_user(ctx, &self.id)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<User>> {
        let engine = &ctx.shared.engine;
        let catalogue = engine.storage.catalogue().await?;
        let user = engine.storage.user(&self.id).await?.ok_or_else(not_found)?;
        let mut properties = user_properties::accept(self.properties, &catalogue)?;
        let mut password = self.password;
        if user.is_guest() {
            refuse_half_registration(&mut properties, &mut password, &catalogue)?;
        } else {
            user_properties::require_what_is_named(&properties, &catalogue)?;
        }
        let hash = match &password {
            None => None,
            Some(password) => {
                let text = accept_password(Some(password)).map_err(|error| match error.code() {
                    ErrorCode::PasswordRequired => {
                        Error::new(ErrorCode::UpdateFieldsEmpty, "a password cannot be empty")
                    }
                    _ => error,
                })?;
                Some(engine.passwords.hash(text, &*engine.randomness).await?)
            }
        };
        if properties.is_empty() && hash.is_none() {
            return Ok(Performed::done(user));
        }
        let mut changes = Vec::new();
        if hash.is_some() {
            let except = ctx
                .call()
                .session
                .filter(|_| ctx.call().caller.id() == Some(&self.id));
            changes.push(Change::EndSessionsOf {
                user_id: self.id.clone(),
                except,
            });
        }
        let update = UserUpdate {
            id: self.id.clone(),
            properties,
            password: hash,
            at: ctx.now(),
        };
        // What the status allowed above must still be the status when the change is made.
        let unchanged = Precondition::UserStatusIs(self.id.clone(), user.status);
        changes.push(Change::Require(unchanged));
        changes.push(Change::UpdateUser(update));
        engine.apply(changes).await.map_err(|error| match error {
            StorageError::Conflict {
                constraint: Constraint::Identity,
            } => Error::new(
                ErrorCode::IdentityExists,
                "another user has this identity already",
            ),
            StorageError::Conflict {
                constraint: Constraint::Unique { column, .. },
            } => duplicate(&column),
            StorageError::Refused { .. } => Error::unavailable("the user changed meanwhile"),
            error => error.into(),
        })?;
        let updated = engine.storage.user(&self.id).await?.ok_or_else(not_found)?;
        Ok(Performed::done(updated))
    }
}

fn not_found() -> Error {
    Error::new(
        ErrorCode::UpdateUserNotFound,
        "there is no user with this objectId",
    )
}

/// A guest gets email, name and password by registering, never by an update.
fn refuse_half_registration(
    properties: &mut Properties,
    password: &mut Option<Password>,
    catalogue: &Catalogue,
) -> Result<()> {
    let identity = identity_of(catalogue);
    let sets_password = password.take().is_some_and(|password| !password.is_null());
    let mut sets = |name: &str| {
        properties
            .remove(name)
            .is_some_and(|value| !value.is_null())
    };
    if sets(identity) | sets("name") | sets_password {
        return Err(Error::invalid(
            "a guest has no email, name or password; register with the guest's objectId instead",
        ));
    }
    Ok(())
}
