//! Rows of `Users` to make and to change, whatever event they come in.

mod conversion;

use vestibule_model::{
    Catalogue, ErrorCode, LinkPurpose, ObjectId, Password, PasswordHash, Properties, Record, USERS,
    User, UserStatus,
};
use vestibule_storage::{
    Change, Constraint, NewUser, Precondition, RecordUpdate, StorageError, UserUpdate, Visibility,
};

use super::{
    Register, UpdateUser, Via,
    guest_conflict::identity_taken,
    reach::Reach,
    record_properties::{Sent, id_of},
    register::reserved_id,
    saving::{self, Failed},
    user_properties::{self, accept_password, duplicate, identity_of},
    user_reach,
};
use crate::{Error, Result, clauses, context::Context, one_time_links, permissions, schema};

/// One user to make or to change. What takes time has been done: what is there has been read, and
/// the password is hashed.
#[derive(Debug)]
pub(super) enum UserRow {
    /// A user to make.
    New {
        id: ObjectId,
        sent: Sent,
        password: Option<PasswordHash>,
    },
    /// A guest to make a registered user, as it was when it was read.
    Converted {
        guest: Box<User>,
        sent: Sent,
        password: Option<PasswordHash>,
    },
    /// A user to change, as it was when it was read.
    Changed {
        before: Box<User>,
        sent: Sent,
        password: Option<PasswordHash>,
        /// Whom the caller may change.
        reach: Reach,
    },
}

impl UserRow {
    /// The row of a registration; its checks come in the order of the wire contract, section 4.2.
    ///
    /// # Errors
    /// The codes of a registration, those apart that only the storage can know.
    pub(super) async fn new(ctx: &Context, event: &Register) -> Result<Self> {
        let engine = &ctx.shared.engine;
        let id = event.object_id.as_ref().filter(|id| !id.is_null());
        if id.is_some() && !may_choose_id(ctx, event.via) {
            return Err(reserved_id());
        }
        let id = id.map(id_of).transpose()?.flatten();
        let (text, sent) = accept(ctx, event.password.as_ref(), &event.properties)?;
        let row = Self::New {
            id: id.unwrap_or_else(|| ObjectId::generate(ctx.now(), &*engine.randomness)),
            sent,
            password: None,
        };
        row.with_password(ctx, text).await
    }

    /// The row of an update.
    ///
    /// # Errors
    /// The codes of an update, those apart that only the storage can know.
    pub(super) async fn changed(ctx: &Context, event: &UpdateUser) -> Result<Self> {
        let engine = &ctx.shared.engine;
        let user = engine.storage.user(&event.id).await?;
        let user = user.ok_or_else(|| not_found(&event.id, event.via))?;
        let mut sent = sort_out(event.properties.clone(), ctx)?;
        let mut password = event.password.clone();
        if user.is_guest() {
            let catalogue = engine.storage.catalogue().await?;
            refuse_half_registration(&mut sent.values, &mut password, &catalogue)?;
        }
        let text = password.as_ref().map(accept_new_password).transpose()?;
        let row = Self::Changed {
            before: Box::new(user),
            sent,
            password: None,
            reach: user_reach::of_update(ctx, event.via),
        };
        if let Some(text) = text {
            return row.with_password(ctx, text).await;
        }
        row.check(ctx).await?;
        Ok(row)
    }

    /// Whose row it is.
    pub(super) fn id(&self) -> &ObjectId {
        match self {
            Self::New { id, .. } => id,
            Self::Converted { guest: user, .. } | Self::Changed { before: user, .. } => user.id(),
        }
    }

    /// The same row with the hash of a password, once everything else is right: to hash costs more
    /// than all the rest.
    async fn with_password(mut self, ctx: &Context, text: &str) -> Result<Self> {
        self.check(ctx).await?;
        let engine = &ctx.shared.engine;
        let hash = engine.passwords.hash(text, &*engine.randomness).await?;
        let (Self::New { password, .. }
        | Self::Converted { password, .. }
        | Self::Changed { password, .. }) = &mut self;
        *password = Some(hash);
        Ok(self)
    }

    /// Finds out what is wrong.
    async fn check(&self, ctx: &Context) -> Result<()> {
        let catalogue = ctx.shared.engine.storage.catalogue().await?;
        plan(ctx, &catalogue, &[self]).map(|_| ())
    }

    fn sent(&self) -> &Sent {
        let (Self::New { sent, .. } | Self::Converted { sent, .. } | Self::Changed { sent, .. }) =
            self;
        sent
    }
}

/// Whether a new user may bring the id along. The records of a removed user stay, and who is given
/// that user's id owns them: where it matters who owns a record, no client may take one.
fn may_choose_id(ctx: &Context, via: Via) -> bool {
    let is_safe = ctx.call().is_server_code() || !permissions::ownership_counts(ctx);
    via == Via::DataService && is_safe
}

/// The text of the password and the properties of whoever registers.
fn accept<'p>(
    ctx: &Context,
    password: Option<&'p Password>,
    properties: &Properties,
) -> Result<(&'p str, Sent)> {
    let text = accept_password(password)?;
    let sent = sort_out(properties.clone(), ctx)?;
    sent.refuse_calculations()?;
    Ok((text, sent))
}

/// The status of whoever has just registered.
fn fresh_status(ctx: &Context) -> UserStatus {
    if ctx.settings().registration.email_confirmation_required {
        UserStatus::EmailConfirmationPending
    } else {
        UserStatus::Enabled
    }
}

/// What was sent for a user, without what belongs to the server.
pub(super) fn sort_out(mut properties: Properties, ctx: &Context) -> Result<Sent> {
    user_properties::drop_servers_own(&mut properties);
    properties.remove("objectId");
    Sent::sort_out(properties, ctx.call())
}

/// The changes that make and change these users, and the users that are made.
///
/// # Errors
/// What does not fit, in the codes of a registration and of an update.
pub(super) fn plan(
    ctx: &Context,
    catalogue: &Catalogue,
    rows: &[&UserRow],
) -> Result<(Vec<Change>, Vec<User>)> {
    let dynamic = ctx.settings().schema.dynamic;
    let values: Vec<_> = rows.iter().map(|row| &row.sent().values).collect();
    let fitted = schema::fit(catalogue, USERS, &values, dynamic)?;
    let (catalogue, mut changes) = (&*fitted.catalogue, fitted.changes);
    let mut made = Vec::new();
    for row in rows {
        match row {
            UserRow::New { id, sent, password } => {
                let user = make(ctx, catalogue, id, sent)?;
                made.push(user.clone());
                changes.push(Change::InsertUser(NewUser {
                    user,
                    password: password.clone(),
                }));
            }
            UserRow::Converted {
                guest,
                sent,
                password,
            } => changes.extend(conversion::changes(
                ctx,
                catalogue,
                guest,
                sent,
                password.as_ref(),
            )?),
            UserRow::Changed {
                before,
                sent,
                password,
                reach,
            } => {
                changes.extend(reach.besides_existing(before.id()));
                changes.extend(change(ctx, catalogue, before, sent, password.as_ref())?);
            }
        }
    }
    Ok((changes, made))
}

fn make(ctx: &Context, catalogue: &Catalogue, id: &ObjectId, sent: &Sent) -> Result<User> {
    let mut properties = sent.values.clone();
    user_properties::fill_defaults(&mut properties, catalogue);
    user_properties::require(&properties, catalogue)?;
    let mut properties = user_properties::accept(properties, catalogue, false)?;
    user_properties::fill(&mut properties, catalogue);
    let mut user = User::new(id.clone(), fresh_status(ctx), ctx.now());
    user.properties = properties;
    Ok(user)
}

fn change(
    ctx: &Context,
    catalogue: &Catalogue,
    before: &User,
    sent: &Sent,
    password: Option<&PasswordHash>,
) -> Result<Vec<Change>> {
    let id = before.id();
    let properties = user_properties::accept(sent.values.clone(), catalogue, before.is_guest())?;
    if !before.is_guest() {
        user_properties::require_what_is_named(&properties, catalogue)?;
    }
    let mut changes = Vec::new();
    if password.is_some() {
        let session = ctx.call().session;
        changes.push(Change::EndSessionsOf {
            user_id: id.clone(),
            except: session.filter(|_| ctx.call().caller.id() == Some(id)),
        });
        // Whoever stole a mail with a link, and waits, comes too late.
        changes.push(one_time_links::removal(id, LinkPurpose::RestorePassword));
    }
    // What the status allowed must still be the status when the change is made.
    let unchanged = Precondition::UserStatusIs(id.clone(), before.status);
    changes.push(Change::Require(unchanged));
    changes.extend(calculations(ctx, catalogue, before, sent)?);
    if !properties.is_empty() || password.is_some() {
        changes.push(Change::UpdateUser(UserUpdate {
            id: id.clone(),
            properties,
            password: password.cloned(),
            at: ctx.now(),
        }));
    }
    Ok(changes)
}

/// The changes of columns that are calculated from what the user's row holds.
fn calculations(
    ctx: &Context,
    catalogue: &Catalogue,
    before: &User,
    sent: &Sent,
) -> Result<Vec<Change>> {
    if sent.needs_record().is_none() {
        return Ok(Vec::new());
    }
    let calculated = Sent {
        expressions: sent.expressions.clone(),
        operations: sent.operations.clone(),
        ..Sent::default()
    };
    let table = clauses::table(catalogue, USERS)?;
    let record = Record::from(before);
    let assignments = saving::assignments(catalogue, table, &calculated, Some(&record))?;
    let mut changes = Vec::new();
    if !sent.operations.is_empty() {
        changes.push(Change::Require(Precondition::RecordUnchanged {
            table: USERS.to_owned(),
            id: before.id().clone(),
            updated: before.updated,
        }));
    }
    changes.push(Change::UpdateRecord(RecordUpdate {
        table: USERS.to_owned(),
        id: before.id().clone(),
        assignments,
        at: ctx.now(),
        visibility: Visibility::Everything,
    }));
    Ok(changes)
}

/// What the caller hears when users were not saved.
pub(super) fn refusal(failed: Failed, registering: bool) -> Error {
    match failed {
        Failed::Storage(StorageError::Conflict {
            constraint: Constraint::Identity,
        }) if registering => identity_taken(),
        Failed::Storage(StorageError::Conflict {
            constraint: Constraint::Identity,
        }) => {
            let message = "another user has this identity already";
            Error::new(ErrorCode::IdentityExists, message)
        }
        Failed::Storage(StorageError::Conflict {
            constraint: Constraint::Unique { column, .. },
        }) => duplicate(&column),
        Failed::Storage(StorageError::Refused { .. }) => {
            Error::unavailable("the user changed meanwhile")
        }
        failed => failed.into_error(USERS, None),
    }
}

/// There is no such user, in the words of the door.
pub(super) fn not_found(id: &ObjectId, via: Via) -> Error {
    match via {
        Via::DataService => saving::not_found(id),
        Via::UserService => Error::new(
            ErrorCode::UpdateUserNotFound,
            "there is no user with this objectId",
        ),
    }
}

/// The text of a password that takes the place of another one.
fn accept_new_password(password: &Password) -> Result<&str> {
    accept_password(Some(password)).map_err(|error| match error.code() {
        ErrorCode::PasswordRequired => {
            Error::new(ErrorCode::UpdateFieldsEmpty, "a password cannot be empty")
        }
        _ => error,
    })
}

/// A guest gets email, name and password by registering, never by an update.
pub(super) fn refuse_half_registration(
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
    if sets(identity) | sets("email") | sets("name") | sets_password {
        return Err(Error::invalid(
            "a guest has no email, name or password; register with the guest's objectId instead",
        ));
    }
    Ok(())
}
