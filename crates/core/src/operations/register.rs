use serde_json::{Value as Json, json};
use vestibule_model::{ErrorCode, ObjectId, Password, Properties, User, UserStatus, Value};
use vestibule_storage::{Change, Constraint, NewUser, StorageError};

use super::{
    login::describe_user,
    user_properties::{self, accept_password, duplicate},
};
use crate::{
    Error, Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation, describe_properties,
        sealed::{Power, Sealed},
    },
    settlement::Performed,
};

/// Somebody becomes a registered user. It does not log in.
///
/// Backendless: `beforeRegister` and `afterRegister`, event 202. A registration that committed
/// stays, even if an after handler fails: log in to find out.
#[derive(Clone, Debug, PartialEq)]
pub struct Register {
    /// The columns to set, email and name among them. System columns are ignored.
    pub properties: Properties,
    /// The password, if one was sent.
    pub password: Option<Password>,
    /// The objectId, if one was sent; reserved for guests who register.
    pub object_id: Option<Value>,
}

impl Register {
    /// A registration with this email address and this password, and nothing else yet.
    ///
    /// ```
    /// use vestibule_core::Register;
    ///
    /// let ann = Register::with("ann@example.com", "correct horse");
    /// assert_eq!(Some("ann@example.com"), ann.properties["email"].as_text());
    /// ```
    pub fn with(email: impl Into<String>, password: impl Into<String>) -> Self {
        let email = Value::Text(email.into());
        Self {
            properties: Properties::from([("email".to_owned(), email)]),
            password: Some(Password::new(password)),
            object_id: None,
        }
    }

    /// Takes a user as a client sent it, password and objectId among the properties.
    pub fn new(mut properties: Properties) -> Self {
        let password = properties.remove("password").map(Password::from_value);
        let object_id = properties.remove("objectId");
        user_properties::drop_servers_own(&mut properties);
        Self {
            properties,
            password,
            object_id,
        }
    }
}

impl Event for Register {
    const NAME: &'static str = "register";
    type Output = User;

    fn describe(&self) -> Json {
        json!({ "properties": describe_properties(&self.properties) })
    }

    fn describe_output(output: &User) -> Json {
        describe_user(output)
    }
}

impl Sealed for Register {}
impl ClientEvent for Register {}

impl Operation for Register {
    fn permit(&self, ctx: &Context) -> Result<()> {
        if ctx.settings().registration.enabled {
            return Ok(());
        }
        let message = "User registration is denied for this version of application";
        Err(Error::new(ErrorCode::RegistrationDisabled, message))
    }

    // The checks come in the order of the wire contract, section 4.2.
    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<User>> {
        if self.object_id.as_ref().is_some_and(|id| !id.is_null()) {
            let message = "the property 'objectId' is reserved and cannot be set at registration";
            return Err(Error::new(ErrorCode::ObjectIdReserved, message));
        }
        let password = accept_password(self.password.as_ref())?;
        let engine = &ctx.shared.engine;
        let catalogue = engine.storage.catalogue().await?;
        user_properties::require(&self.properties, &catalogue)?;
        let mut properties = user_properties::accept(self.properties, &catalogue)?;
        user_properties::fill(&mut properties, &catalogue);
        let hash = engine.passwords.hash(password, &*engine.randomness).await?;
        let status = if ctx.settings().registration.email_confirmation_required {
            UserStatus::EmailConfirmationPending
        } else {
            UserStatus::Enabled
        };
        let now = ctx.now();
        let id = ObjectId::generate(now, &*engine.randomness);
        let mut user = User::new(id, status, now);
        user.properties = properties;
        let new_user = NewUser {
            user: user.clone(),
            password: Some(hash),
        };
        match engine.apply(vec![Change::InsertUser(new_user)]).await {
            Ok(_) => Ok(Performed::done(user)),
            Err(StorageError::Conflict {
                constraint: Constraint::Identity,
            }) => Err(Error::conflict("User with this identity already exists")),
            Err(StorageError::Conflict {
                constraint: Constraint::Unique { column, .. },
            }) => Err(duplicate(&column)),
            Err(error) => Err(error.into()),
        }
    }
}
