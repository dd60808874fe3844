use serde::Serialize;
use serde_json::json;
use vestibule_model::{
    Catalogue, ErrorCode, Password, PermissionOperation, Properties, USERS, User, Value,
};

use super::{
    Via,
    description::describe_user,
    saving, user_properties,
    user_rows::{self, UserRow},
};
use crate::{
    Error, Result,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    masking::{describe_properties, masked},
    permissions,
    settlement::Performed,
};

/// Somebody becomes a registered user. It does not log in.
///
/// Backendless: `beforeRegister` and `afterRegister`, event 202. A registration that committed
/// stays, even if an after handler fails: log in to find out.
///
/// The trap: a guest who registers is a [`ConvertGuest`](crate::ConvertGuest), and handlers of
/// `Register` do not run for it. A guard belongs on both.
#[derive(Clone, Debug, PartialEq)]
pub struct Register {
    /// The columns to set, email and name among them. System columns are ignored.
    pub properties: Properties,
    /// The password, if one was sent.
    pub password: Option<Password>,
    /// The objectId, if one was sent. Through the data service the user keeps it where everything is
    /// granted to the caller; else it is reserved for guests who register.
    pub object_id: Option<Value>,
    /// Through which door it came.
    pub via: Via,
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
            via: Via::UserService,
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
            via: Via::UserService,
        }
    }
}

impl Event for Register {
    const NAME: &'static str = "register";
    type Output = User;

    fn describe(&self) -> impl Serialize {
        let mut described = json!({
            "properties": describe_properties(&self.properties),
            "via": self.via.as_str(),
        });
        if let Some(object_id) = &self.object_id {
            described["objectId"] = masked(&object_id.to_json());
        }
        described
    }

    fn describe_output(output: &User) -> impl Serialize {
        describe_user(output)
    }
}

impl FromInput for Register {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let mut properties = input.properties()?;
        let password = input.password(&mut properties);
        let object_id = input.take("objectId").map(Value::from_json);
        let object_id = object_id.or_else(|| properties.remove("objectId"));
        Ok(Self {
            password,
            object_id,
            via: Via::from_input(input)?,
            ..Self::new(properties)
        })
    }
}

impl Sealed for Register {}
impl ClientEvent for Register {}

impl Operation for Register {
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::permit_users(ctx, PermissionOperation::Register)?;
        if self.via == Via::DataService {
            permissions::permit(ctx, USERS, PermissionOperation::Add)?;
        }
        refuse_when_closed(ctx)
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<User>> {
        let row = UserRow::new(ctx, &self).await?;
        let plan = |catalogue: &Catalogue| user_rows::plan(ctx, catalogue, &[&row]);
        let made = saving::apply(&ctx.shared.engine, plan).await;
        let (mut made, _) = made.map_err(|failed| user_rows::refusal(failed, true))?;
        let user = made.pop();
        user.map(Performed::done)
            .ok_or_else(|| Error::internal("a user was made and is not there"))
    }
}

/// Refuses whoever wants to register while registration is switched off.
pub(super) fn refuse_when_closed(ctx: &Context) -> Result<()> {
    if ctx.settings().registration.enabled {
        return Ok(());
    }
    let message = "User registration is denied for this version of application";
    Err(Error::new(ErrorCode::RegistrationDisabled, message))
}

/// Nobody may register with this objectId; one text for every reason, so that nobody learns whether
/// there is such a guest.
pub(super) fn reserved_id() -> Error {
    let message = "the property 'objectId' is reserved and cannot be set at registration";
    Error::new(ErrorCode::ObjectIdReserved, message)
}
