mod data;
mod mail;
mod typed;

use std::{fmt, sync::Arc};

use tracing::Instrument;
use vestibule_model::{ObjectId, Password, Properties, Query, Record, Role, User};

use crate::{
    Result,
    call::Call,
    context::Context,
    custom_event::CustomEvent,
    custom_roles::CustomRoles,
    engine::EngineInner,
    event::{Operation, Outcome},
    operations::{
        AssignRole, ConvertGuest, Find, LoggedIn, LoginAsGuest, LoginByObjectId, Register,
        UnassignRole, UpdateUser, Via,
    },
    pipeline::{Handlers, run},
};

/// What server code may do and clients may not.
///
/// You cannot make one, keep one or copy one. The pipeline lends it to handlers through
/// [`Context::cloud`], for as long as they run.
///
/// ```
/// # use vestibule_core::{Context, LoggedIn, Result};
/// # use vestibule_model::ObjectId;
/// async fn let_in(ctx: &Context, id: &ObjectId) -> Result<LoggedIn> {
///     ctx.cloud().login_by_object_id(id).await
/// }
/// ```
///
/// It acts in the role `ServerCodeUser` alone: what the caller may not do does not bind it. The
/// caller is kept for the audit trail and owns what is created, unless
/// [`on_behalf_of`](CloudCode::on_behalf_of) names somebody else. Its calls run through the
/// pipeline like any other; to enter an event from within itself is refused, unless
/// [`quietly`](CloudCode::quietly). A call goes on even if the handler that made it is stopped at
/// its deadline.
pub struct CloudCode<'a> {
    context: &'a Context,
    owner: Option<ObjectId>,
    quietly: bool,
}

pub use data::Data;
pub use typed::{RecordAs, properties_of};

impl<'a> CloudCode<'a> {
    pub(crate) fn lend(context: &'a Context) -> Self {
        Self {
            context,
            owner: None,
            quietly: false,
        }
    }

    /// The same power, used for this user, who owns what it makes. The audit trail goes on to name
    /// the caller.
    pub fn on_behalf_of(self, user: &User) -> Self {
        Self {
            owner: Some(user.id().clone()),
            ..self
        }
    }

    /// The same power, without before and after handlers; observers still see what it does.
    pub fn quietly(self) -> Self {
        Self {
            quietly: true,
            ..self
        }
    }

    /// Runs a custom event, and waits for its answer.
    ///
    /// # Errors
    /// What the handler answers that does the work, and 3042 if there is none.
    pub async fn dispatch<E: CustomEvent>(&self, event: E) -> Outcome<E> {
        self.call(event).await
    }

    /// Opens a session knowing nothing but the user's id. Leaves an audit record.
    ///
    /// # Errors
    /// 3057 without such a user, 3090 if the account is disabled, 3087 if its email address has
    /// not been confirmed, 3002 and 3044 by the settings for several logins.
    pub async fn login_by_object_id(&self, id: &ObjectId) -> Outcome<LoginByObjectId> {
        self.call(LoginByObjectId {
            object_id: id.clone(),
        })
        .await
    }

    /// Makes a guest and opens its session.
    ///
    /// # Errors
    /// 2000 if guests are switched off, and what a handler of `LoginAsGuest` answers.
    pub async fn login_as_guest(&self) -> Result<LoggedIn> {
        self.login_as_guest_with(Properties::new()).await
    }

    /// Makes a guest who has something in these columns, and opens its session.
    ///
    /// ```
    /// # use vestibule_core::{Context, LoggedIn, Result};
    /// # use vestibule_model::{Properties, Value};
    /// async fn let_in_from(ctx: &Context, campaign: &str) -> Result<LoggedIn> {
    ///     let properties = Properties::from([("campaign".to_owned(), Value::from(campaign))]);
    ///     ctx.cloud().login_as_guest_with(properties).await
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`login_as_guest`](CloudCode::login_as_guest), and the codes of a registration for values
    /// that do not fit their columns.
    pub async fn login_as_guest_with(&self, properties: Properties) -> Result<LoggedIn> {
        self.call(LoginAsGuest { properties }).await
    }

    /// Registers a user.
    ///
    /// # Errors
    /// The codes of `Register`: 3011, 3013, 3033, 3040 and the others of the wire contract.
    pub async fn register(&self, properties: Properties, password: Password) -> Result<User> {
        self.call(Register {
            properties,
            password: Some(password),
            object_id: None,
            via: Via::UserService,
        })
        .await
    }

    /// Makes a registered user of a guest, who keeps the id, the session and everything owned. Leaves
    /// an audit record.
    ///
    /// # Errors
    /// 3039 if there is no such guest, and the codes of a registration; 3033 if somebody has the
    /// identity already and no handler of [`GuestConflict`](crate::GuestConflict) merges the two.
    ///
    /// The trap: where a handler merges, the guest's session becomes one of whoever has the identity.
    /// It takes that user's password, also from server code: an identity that a client sent proves
    /// nothing.
    pub async fn convert_guest(
        &self,
        id: &ObjectId,
        properties: Properties,
        password: Password,
    ) -> Result<User> {
        self.call(ConvertGuest {
            password: Some(password),
            ..ConvertGuest::new(id.clone(), properties)
        })
        .await
    }

    /// Changes a user, the password included.
    ///
    /// # Errors
    /// The codes of `UpdateUser`: 3018, 3030, 3040 and the others of the wire contract.
    pub async fn update_user(&self, id: &ObjectId, properties: Properties) -> Result<User> {
        self.call(UpdateUser::new(id.clone(), properties)).await
    }

    /// Looks a user up.
    ///
    /// # Errors
    /// Fails when the database does not answer; that there is no such user is `None`.
    pub async fn find_user(&self, id: &ObjectId) -> Result<Option<User>> {
        Ok(self.context.shared.engine.storage.user(id).await?)
    }

    /// Gives a custom role to a user; sessions that exist have it from their next call on. Leaves an
    /// audit record.
    ///
    /// # Errors
    /// 2007 for a system role, 2005 if there is no such role, 3057 without such a user, 8008 for a
    /// guest.
    pub async fn assign_role(&self, user: &ObjectId, role: &str) -> Outcome<AssignRole> {
        self.call(AssignRole::new(user, role)).await
    }

    /// Takes a custom role from a user; nothing happens if the user has it not. Leaves an audit record.
    ///
    /// # Errors
    /// 2008 for a system role, 2005 if there is no such role, 3057 without such a user.
    pub async fn unassign_role(&self, user: &ObjectId, role: &str) -> Outcome<UnassignRole> {
        self.call(UnassignRole::new(user, role)).await
    }

    /// The custom roles of a user, in ascending order; nobody has none.
    ///
    /// # Errors
    /// Fails when the database does not answer.
    pub async fn roles_of(&self, user: &ObjectId) -> Result<Vec<String>> {
        self.context.shared.engine.custom_roles_of(user).await
    }

    /// A page of the users who have a role: a custom one, `AuthenticatedUser` or `GuestUser`. It is a
    /// [`Find`] in `Users`, with its handlers.
    ///
    /// ```
    /// # use vestibule_core::{Context, Result};
    /// # use vestibule_model::{Query, Record};
    /// async fn staff(ctx: &Context) -> Result<Vec<Record>> {
    ///     ctx.cloud().find_by_role("Support", Query::new().sort_by("name")).await
    /// }
    /// ```
    ///
    /// # Errors
    /// 2005 if there is no such role, and as [`Data::find`].
    pub async fn find_by_role(&self, role: &str, query: Query) -> Result<Vec<Record>> {
        data::records(self.call(Find::with_role(role, query)).await?)
    }

    /// The records of a table.
    ///
    /// ```
    /// # use vestibule_core::{Context, Result};
    /// # use vestibule_model::{ObjectId, Query, Record, quoted};
    /// async fn orders_of(ctx: &Context, customer: &ObjectId) -> Result<Vec<Record>> {
    ///     let theirs = Query::matching(format!("customer.objectId = {}", quoted(customer.as_str())));
    ///     ctx.cloud().data("Order").find(theirs).await
    /// }
    /// ```
    pub fn data(&self, table: impl Into<String>) -> Data<'a> {
        let cloud = CloudCode {
            context: self.context,
            owner: self.owner.clone(),
            quietly: self.quietly,
        };
        Data::of(cloud, table.into())
    }

    pub(crate) fn engine(&self) -> &EngineInner {
        &self.context.shared.engine
    }

    /// Runs an event as a task of its own: a handler that is stopped abandons the answer, never a
    /// half-run call.
    pub(crate) async fn call<E: Operation>(&self, event: E) -> Outcome<E> {
        let shared = &self.context.shared;
        let nesting = shared.nesting.enter(&event, self.quietly)?;
        let call = Call {
            owner: self.owner.clone().or_else(|| shared.call.owner.clone()),
            roles: vec![Role::ServerCodeUser],
            custom_roles: CustomRoles::default(),
            ..Call::clone(&shared.call)
        };
        let actor = Some(self.context.actor());
        let context = Context::new(Arc::clone(&shared.engine), call, nesting, actor);
        let handlers = if self.quietly {
            Handlers::Quiet
        } else {
            Handlers::All
        };
        let (outcome, _) = shared
            .engine
            .calls
            .spawn(run(event, context, handlers).in_current_span())
            .await?;
        outcome
    }
}

impl fmt::Debug for CloudCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudCode")
            .field("quietly", &self.quietly)
            .finish_non_exhaustive()
    }
}
