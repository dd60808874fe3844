use serde::Serialize;
use vestibule_model::{
    ErrorCode, ObjectId, PermissionOperation, Properties, USERS, User, UserStatus,
};
use vestibule_storage::{Change, Constraint, StorageError};

use super::{
    LoggedIn,
    guest_filler::{self, DRAWS_AT_MOST, GuestFiller},
    saving::Failed,
    user_properties, user_rows,
};
use crate::{
    Error, Result, clauses,
    context::Context,
    event::{
        ClientEvent, Event, Operation,
        sealed::{Power, Sealed},
    },
    event_input::{FromInput, Input},
    masking::describe_properties,
    permissions, schema,
    sessions::{Opened, open_guest},
};

/// A visitor comes in without a form: a row in `Users` and a session of its own.
///
/// Backendless: `beforeLoginAsGuest` and `afterLoginAsGuest`, event 228. The output's user has
/// status GUEST and neither email nor name nor password.
///
/// No validator binds a guest. Columns that every user must have are filled with random values of
/// their type, which are nobody else's where a column is unique; what a column has as its default
/// comes first. Relations stay empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoginAsGuest {
    /// Columns to set on the new guest; a client sends none, a before handler may add some.
    /// What makes a registered user (email, name, password, and the column that users log in with)
    /// and system columns are ignored. Properties that the table has no column for make one if the
    /// schema is dynamic, and are ignored otherwise, as in a registration.
    pub properties: Properties,
}

impl Event for LoginAsGuest {
    const NAME: &'static str = "loginAsGuest";
    type Output = LoggedIn;

    fn describe(&self) -> impl Serialize {
        DescribedGuest {
            properties: describe_properties(&self.properties),
        }
    }

    fn describe_output(output: &LoggedIn) -> impl Serialize {
        output.describe()
    }
}

/// Guests log in more often than anything else happens.
#[derive(Serialize)]
struct DescribedGuest<P> {
    properties: P,
}

impl FromInput for LoginAsGuest {
    async fn from_input(input: &mut Input<'_>) -> Result<Self> {
        Ok(Self {
            properties: input.properties()?,
        })
    }
}

impl Sealed for LoginAsGuest {}
impl ClientEvent for LoginAsGuest {}

impl Operation for LoginAsGuest {
    fn permit(&self, ctx: &Context) -> Result<()> {
        permissions::permit_users(ctx, PermissionOperation::LoginAsGuest)?;
        if ctx.settings().guests.enabled {
            return Ok(());
        }
        let message = "guests are not welcome here: guest login is switched off for this app";
        Err(Error::new(ErrorCode::OperationNotAllowed, message))
    }

    async fn perform(self, ctx: &Context, _power: Power) -> Result<Opened> {
        let id = ObjectId::generate(ctx.now(), &*ctx.shared.engine.randomness);
        let sent = user_rows::sort_out(self.properties, ctx)?;
        sent.refuse_calculations()?;
        let mut filler = GuestFiller::default();
        let mut taken = None;
        for _ in 0..DRAWS_AT_MOST {
            let (changes, user) = plan(ctx, &id, &sent.values, &mut filler).await?;
            match open_guest(ctx, user, changes).await {
                Ok(opened) => return Ok(opened),
                Err(error) if schema::is_outdated(&error) => {}
                Err(StorageError::Conflict {
                    constraint: Constraint::Unique { column, .. },
                }) if filler.draw_again(&column) => taken = Some(column),
                Err(error) => return Err(user_rows::refusal(Failed::Storage(error), true)),
            }
        }
        Err(match taken {
            Some(column) => guest_filler::used_up(&column),
            None => schema::changed_too_often(),
        })
    }
}

/// The guest, and what must become of the schema before there can be one.
async fn plan(
    ctx: &Context,
    id: &ObjectId,
    values: &Properties,
    filler: &mut GuestFiller,
) -> Result<(Vec<Change>, User)> {
    let catalogue = ctx.shared.engine.storage.catalogue().await?;
    let mut properties = values.clone();
    for name in ["email", "name", user_properties::identity_of(&catalogue)] {
        properties.remove(name);
    }
    let dynamic = ctx.settings().schema.dynamic;
    let fitted = schema::fit(&catalogue, USERS, &[&properties], dynamic)?;
    let catalogue = &*fitted.catalogue;
    user_properties::fill_defaults(&mut properties, catalogue);
    let mut properties = user_properties::accept(properties, catalogue, true)?;
    filler.fill(&mut properties, clauses::table(catalogue, USERS)?, ctx);
    user_properties::fill(&mut properties, catalogue);
    let mut user = User::new(id.clone(), UserStatus::Guest, ctx.now());
    user.properties = properties;
    Ok((fitted.changes, user))
}
