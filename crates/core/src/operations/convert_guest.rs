use serde::Serialize;
use serde_json::json;
use vestibule_model::{Catalogue, ObjectId, Password, PermissionOperation, Properties, User};
use vestibule_storage::{Change, Constraint, Precondition, StorageError};

use super::{
    Via,
    description::describe_user,
    merging::{self, Resolved},
    register::{refuse_when_closed, reserved_id},
    saving::{self, Failed},
    user_properties,
    user_rows::{self, UserRow},
};
use crate::{
    Error, Result,
    call::Caller,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    masking::describe_properties,
    permissions,
    settlement::Performed,
};

/// Times a conversion starts over because the guest, or whoever has the identity, changed meanwhile.
const ATTEMPTS: usize = 8;

/// A guest becomes a registered user, and keeps everything: the id, relations, owned records and the
/// session, which is in the role AuthenticatedUser from the next call on.
///
/// Backendless: `beforeRegister` and `afterRegister`, event 202, with the guest's objectId among the
/// properties. Whoever holds the guest's session may ask for it, and so may server code; everybody
/// else gets 3039, whether there is such a guest or not. As with [`Register`](crate::Register), a
/// conversion that committed stays, even if an after handler fails.
///
/// If somebody has the identity already, that is a [`GuestConflict`](crate::GuestConflict): where a
/// handler resolves it, the output is the user that the guest was merged into; else it is 3033, and
/// the guest stays what it was.
///
/// The trap: handlers of `Register` do not run for conversions. A guard of registrations must stand
/// on `ConvertGuest`, too.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvertGuest {
    pub(crate) id: ObjectId,
    /// The columns to set, email and name among them. System columns are ignored.
    pub properties: Properties,
    /// The password, if one was sent.
    pub password: Option<Password>,
    /// Through which door it came.
    pub via: Via,
}

impl ConvertGuest {
    /// Takes a guest and a user as a client sent it, the password among the properties.
    ///
    /// ```
    /// use vestibule_core::ConvertGuest;
    /// use vestibule_model::{ObjectId, Properties, Value};
    ///
    /// let mut ann = Properties::new();
    /// ann.insert("email".to_owned(), Value::from("ann@example.com"));
    /// ann.insert("password".to_owned(), Value::from("correct horse"));
    /// let event = ConvertGuest::new(ObjectId::parse("G")?, ann);
    /// assert!(event.password.is_some());
    /// assert_eq!(1, event.properties.len());
    /// # Ok::<(), vestibule_model::InvalidObjectId>(())
    /// ```
    pub fn new(id: ObjectId, mut properties: Properties) -> Self {
        let password = properties.remove("password").map(Password::from_value);
        properties.remove("objectId");
        user_properties::drop_servers_own(&mut properties);
        Self {
            id,
            properties,
            password,
            via: Via::UserService,
        }
    }

    /// Which guest is to be converted.
    pub fn id(&self) -> &ObjectId {
        &self.id
    }
}

impl Event for ConvertGuest {
    const NAME: &'static str = "convertGuest";
    type Output = User;

    fn describe(&self) -> impl Serialize {
        json!({
            "objectId": self.id.as_str(),
            "properties": describe_properties(&self.properties),
            "via": self.via.as_str(),
        })
    }

    fn describe_output(output: &User) -> impl Serialize {
        describe_user(output)
    }
}

impl FromInput for ConvertGuest {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        let (id, mut properties) = (input.object_id()?, input.properties()?);
        Ok(Self {
            password: input.password(&mut properties),
            via: Via::from_input(input)?,
            ..Self::new(id, properties)
        })
    }
}

impl Sealed for ConvertGuest {}
impl ClientEvent for ConvertGuest {}

impl Operation for ConvertGuest {
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::permit_users(ctx, PermissionOperation::Register)?;
        refuse_when_closed(ctx)?;
        let call = ctx.call();
        let is_own = matches!(&call.caller, Caller::User { id, guest: true } if *id == self.id);
        if is_own || call.is_server_code() {
            return Ok(());
        }
        Err(reserved_id())
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Performed<User>> {
        // The cleanup waits, even if the guest's session is over and server code asks for this.
        let _held = ctx.shared.engine.guests.at_work.hold(&self.id);
        let mut guest = self.guest(ctx).await?;
        let mut row = UserRow::converted(ctx, guest.clone(), &self).await?;
        let mut why = "the guest changed".to_owned();
        for _ in 0..ATTEMPTS {
            let plan = |catalogue: &Catalogue| {
                let (mut changes, made) = user_rows::plan(ctx, catalogue, &[&row])?;
                // Memory is about to forget these sessions, which go on; what it knows better is kept.
                let last_uses = ctx.shared.engine.sessions.last_uses_of(&self.id);
                changes.push(Change::RecordActivity(last_uses));
                Ok((changes, made))
            };
            match saving::apply(&ctx.shared.engine, plan).await {
                Ok(_) => {
                    let user = ctx.shared.engine.storage.user(&self.id).await?;
                    return user.map(Performed::done).ok_or_else(reserved_id);
                }
                Err(failed) if failed.is_of_change() => {}
                Err(failed) if self.is_of_identity(&failed, ctx, &guest).await? => {
                    match merging::resolve(ctx, &self, &guest).await? {
                        Resolved::Merged(merged) => return Ok(merged),
                        Resolved::Again(reason) => why = reason,
                    }
                }
                Err(failed) => return Err(refusal(failed)),
            }
            guest = self.guest(ctx).await?;
            row = row.of_guest(guest.clone());
        }
        Err(Error::unavailable(format!(
            "a conversion of a guest was given up after {ATTEMPTS} attempts, the last because {why}"
        )))
    }
}

impl ConvertGuest {
    /// The guest as it is now.
    ///
    /// # Errors
    /// 3039 if there is none by this id, or if it is no guest any more.
    async fn guest(&self, ctx: &Context) -> Result<User> {
        let user = ctx.shared.engine.storage.user(&self.id).await?;
        user.filter(User::is_guest).ok_or_else(reserved_id)
    }

    /// Whether the conversion failed because somebody has the identity. Who has it may have another
    /// unique value of the guest's as well, and which of the two the storage names is chance.
    async fn is_of_identity(&self, failed: &Failed, ctx: &Context, guest: &User) -> Result<bool> {
        match failed {
            Failed::Storage(StorageError::Conflict {
                constraint: Constraint::Identity,
            }) => Ok(true),
            Failed::Storage(StorageError::Conflict {
                constraint: Constraint::Unique { .. },
            }) => merging::is_identity_taken(ctx, self, guest).await,
            _ => Ok(false),
        }
    }
}

/// What the caller hears when the guest was not converted. Whoever came first, another conversion or
/// a removal, has left no guest behind.
fn refusal(failed: Failed) -> Error {
    match failed {
        Failed::Storage(StorageError::Refused {
            precondition: Precondition::UserStatusIs(..) | Precondition::UserExists(..),
        }) => reserved_id(),
        failed => user_rows::refusal(failed, true),
    }
}
