//! A guest and the user who has the identity become one, if a handler says how.

use vestibule_model::{Actor, AuditRecord, User, UserStatus};
use vestibule_storage::{Account, Change, Constraint, Precondition, StorageError};

use super::{
    ConvertGuest, GuestConflict, MergeOutlook, MergePlan, guest_conflict::identity_taken,
    login::prove, merge_changes::Merge, register::reserved_id, user_properties::identity_of,
};
use crate::{
    Result,
    context::Context,
    event::Event,
    pipeline, schema,
    sessions::{SessionMove, move_sessions},
    settlement::Performed,
};

/// What the audit trail calls it, before the id of the guest.
const ACTION: &str = "mergeGuest";

/// What became of a conflict.
pub(super) enum Resolved {
    /// The two are one user.
    Merged(Performed<User>),
    /// Something changed meanwhile, and another attempt is worth it. For the log: what it was.
    Again(String),
}

/// What is known of a conflict when a plan comes.
struct Found<'a> {
    ctx: &'a Context,
    guest: &'a User,
    account: Account,
    outlook: MergeOutlook,
    /// What must still hold for the proof to count.
    proof: Vec<Change>,
}

/// Asks the handlers what to do about an identity that is taken, and does it.
///
/// # Errors
/// 3033 if nobody resolves it, or if nothing was proved; what the handlers answer otherwise; 3002 and
/// 3044 by the settings for several logins.
pub(super) async fn resolve(ctx: &Context, event: &ConvertGuest, guest: &User) -> Result<Resolved> {
    if !anybody_resolves(ctx) {
        return Err(identity_taken());
    }
    let engine = &ctx.shared.engine;
    let catalogue = engine.storage.catalogue().await?;
    let identity = event.properties.get(identity_of(&catalogue));
    let Some(identity) = identity.and_then(|value| value.as_text()) else {
        return Err(identity_taken());
    };
    let account = engine.storage.account_by_identity(identity).await?;
    let Some(account) = account.filter(|account| account.user.id() != guest.id()) else {
        return Ok(again("the identity became free"));
    };
    let proof = proof(ctx, event, &account).await?;
    let ids = (guest.id(), account.user.id());
    let outlook = match MergeOutlook::read(engine, &catalogue, ids.0, ids.1).await {
        Ok(outlook) => outlook,
        Err(error) if schema::is_outdated(&error) => return Ok(again("the schema changed")),
        Err(error) => return Err(error.into()),
    };
    let conflict = GuestConflict {
        guest: guest.clone(),
        existing: account.user.clone(),
        properties: event.properties.clone(),
        proved: proof.is_some(),
        outlook: outlook.clone(),
    };
    let (plan, by) = ask(ctx, conflict).await;
    let Some(proof) = proof else {
        if plan.is_ok() {
            tracing::warn!(
                handler.name = by,
                "a merge plan was not applied: the guest has not proved to be the existing user; \
                 look at `proved()` first"
            );
        }
        return Err(identity_taken());
    };
    let found = Found {
        ctx,
        guest,
        account,
        outlook,
        proof,
    };
    found.merge(&plan?, by).await
}

/// Whether somebody else has the identity that the guest wants to register with.
pub(super) async fn is_identity_taken(
    ctx: &Context,
    event: &ConvertGuest,
    guest: &User,
) -> Result<bool> {
    let storage = &ctx.shared.engine.storage;
    let catalogue = storage.catalogue().await?;
    let identity = event.properties.get(identity_of(&catalogue));
    let Some(identity) = identity.and_then(|value| value.as_text()) else {
        return Ok(false);
    };
    let account = storage.account_by_identity(identity).await?;
    Ok(account.is_some_and(|account| account.user.id() != guest.id()))
}

fn again(why: impl Into<String>) -> Resolved {
    Resolved::Again(why.into())
}

/// Whether there is a handler that might resolve a conflict.
fn anybody_resolves(ctx: &Context) -> bool {
    let chain = ctx.shared.engine.registry.chain::<GuestConflict>();
    !ctx.is_quiet()
        && chain.is_some_and(|chain| !chain.before.is_empty() || !chain.after.is_empty())
}

/// What must still hold for the guest to be taken for the existing user; `None` if that was not
/// proved. Whoever could not log in as that user proves nothing, and server code that passes on
/// what a client sent is no exception.
async fn proof(
    ctx: &Context,
    event: &ConvertGuest,
    account: &Account,
) -> Result<Option<Vec<Change>>> {
    match event.password.as_ref().and_then(|password| password.text()) {
        Some(password) => prove(ctx, account, password).await,
        None => Ok(None),
    }
}

/// Asks the handlers for a plan; says which of them answered.
async fn ask(ctx: &Context, conflict: GuestConflict) -> (Result<MergePlan>, &'static str) {
    match ctx.within(&conflict) {
        Err(error) => (Err(error), GuestConflict::NAME),
        Ok((inner, handlers)) => {
            let (outcome, inner) = Box::pin(pipeline::run(conflict, inner, handlers)).await;
            (outcome, inner.answered_by().unwrap_or(GuestConflict::NAME))
        }
    }
}

impl Found<'_> {
    async fn merge(self, plan: &MergePlan, by: &'static str) -> Result<Resolved> {
        let engine = &self.ctx.shared.engine;
        let catalogue = engine.storage.catalogue().await?;
        let merge = Merge {
            catalogue: &catalogue,
            call: self.ctx.call(),
            now: self.ctx.now(),
            guest: self.guest.id(),
            existing: &self.account.user,
            by,
        };
        merge.refuse_too_much(plan, &self.outlook)?;
        let steps = merge.changes(plan)?;
        let sessions = move_sessions(self.ctx, self.guest.id(), &self.account.user).await?;
        let changes = self.changes(steps, &sessions, by);
        match engine.apply(changes).await {
            Ok(_) => {}
            Err(error) => return self.refusal(error, &merge),
        }
        let existing = engine.storage.user(self.account.user.id()).await;
        let mut output = match existing {
            Ok(Some(existing)) => existing,
            nothing => {
                // The call fails after all: the client must not be in as somebody it never met.
                engine.undo(ConvertGuest::NAME, sessions.on_failure).await;
                return Err(nothing.map_or_else(Into::into, |_| identity_taken()));
            }
        };
        if sessions.any {
            output.last_login = Some(self.ctx.now());
        }
        Ok(Resolved::Merged(Performed {
            output,
            on_success: sessions.on_success,
            on_failure: sessions.on_failure,
        }))
    }

    /// Everything that a merge does, in its order.
    fn changes(&self, steps: Vec<Change>, sessions: &SessionMove, by: &'static str) -> Vec<Change> {
        let (guest, existing) = (self.guest.id(), &self.account.user);
        let is = |id, status| Change::Require(Precondition::UserStatusIs(id, status));
        let mut changes = vec![
            is(guest.clone(), UserStatus::Guest),
            is(existing.id().clone(), existing.status),
        ];
        changes.extend(self.proof.iter().cloned());
        changes.extend(steps);
        changes.extend(sessions.changes.iter().cloned());
        changes.push(Change::RemoveUser { id: guest.clone() });
        if self.ctx.call().is_server_code() {
            changes.push(self.ctx.audit(ConvertGuest::NAME, guest));
        }
        changes.push(Change::Audit(AuditRecord {
            at: self.ctx.now(),
            actor: Actor::Handler(by.to_owned()),
            action: format!("{ACTION} {guest}"),
            subject: Some(existing.id().clone()),
            caller: self.ctx.call().caller.id().cloned(),
        }));
        changes
    }

    /// Why the merge was not made: another attempt, or what the caller hears.
    fn refusal(&self, error: StorageError, merge: &Merge<'_>) -> Result<Resolved> {
        match error {
            StorageError::Refused {
                precondition: Precondition::PasswordIs(..) | Precondition::FewerFailedLogins { .. },
            } => Err(identity_taken()),
            StorageError::Refused {
                precondition: Precondition::UserStatusIs(id, _),
            } if id == *self.guest.id() => Err(reserved_id()),
            StorageError::Refused {
                precondition:
                    Precondition::RecordExists { table, id, .. }
                    | Precondition::RecordUnchanged { table, id, .. },
            } => {
                let what = format!("is about '{table}' {id}, which is gone or has changed");
                Ok(again(merge.mistake(&what).log()))
            }
            StorageError::Refused {
                precondition: Precondition::OwnsNothing(_),
            } => Ok(again("the guest came to own more")),
            StorageError::Refused { .. } => Ok(again("one of the two users changed")),
            error if schema::is_outdated(&error) => Ok(again("the schema changed")),
            StorageError::Conflict {
                constraint: Constraint::OneToOne { table, relation },
            } if self.outlook.leaves_room(&table, &relation) => {
                Ok(again(format!("'{table}.{relation}' was occupied")))
            }
            StorageError::Conflict {
                constraint: Constraint::OneToOne { table, relation },
            } => Err(merge.mistake(&format!(
                "takes '{table}.{relation}', which leads to one record and would lead to two; say \
                 `keep_existing_on(\"{relation}\")`, or remove one of the records"
            ))),
            StorageError::Conflict { constraint } => {
                Err(merge.mistake(&format!("would break a constraint: {constraint:?}")))
            }
            error => Err(error.into()),
        }
    }
}
