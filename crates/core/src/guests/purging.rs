//! The removal of guests who are gone: through the pipeline if anybody wants to hear of it, and in
//! one step each that only works while they are gone.

use std::sync::Arc;

use futures::future::{join_all, try_join_all};
use tokio::sync::{Semaphore, SemaphorePermit};
use vestibule_model::{
    ActivityTime, ObjectId, OwnedRows, Selector, SessionSettings, Timestamp, USERS, User,
};
use vestibule_storage::{Change, Precondition, StorageError};

use super::{
    KeptBy,
    looking::{Gone, Look, Looker},
};
use crate::{
    Error, Result,
    call::Call,
    context::Context,
    engine::EngineInner,
    event::{Event, Outcome},
    nesting::Nesting,
    observer::Ending,
    operations::{PurgeGuest, Purged},
    pipeline::{Handlers, Stage, Staged, stage},
};

/// Rows that one step removes with a guest at most; of more, the others go in steps before.
const ROWS_PER_STEP: u64 = 500;

/// Rows that the cascades of all guests remove at once at most: the writer puts whatever waits into one
/// transaction, and the calls of clients wait behind that.
const CASCADED_AT_ONCE: u32 = 1000;

/// Times a purge starts over because the guest was given further rows meanwhile.
const ATTEMPTS: usize = 16;

/// What the cascades of all guests share.
#[derive(Debug)]
pub(super) struct RowsAtOnce(Semaphore);

impl Default for RowsAtOnce {
    fn default() -> Self {
        Self(Semaphore::new(CASCADED_AT_ONCE as usize))
    }
}

impl RowsAtOnce {
    /// Waits until a step may remove as many of these rows as one step may.
    async fn take(&self, rows: u64) -> Option<SemaphorePermit<'_>> {
        let rows = u32::try_from(rows.min(ROWS_PER_STEP)).unwrap_or(CASCADED_AT_ONCE);
        // It is never closed; without a share, the step is made all the same.
        self.0.acquire_many(rows).await.ok()
    }
}

/// A call that may go on to its operation, and whose it is.
type Ready = (ObjectId, Staged<PurgeGuest>);

/// Purges those of these guests who are gone, and were made before a moment, if one is given.
/// Answers who went. There should be few: their handlers run at once.
///
/// # Errors
/// Fails when the database does not answer; those who did not go are gone still.
pub(super) async fn purge(
    engine: &Arc<EngineInner>,
    ids: &[ObjectId],
    made_before: Option<Timestamp>,
) -> Result<Vec<ObjectId>> {
    let gone = gone_of(engine, ids).await?;
    if made_before.is_none() && !is_heard_of(engine) {
        return Ok(purge_unheard(engine, gone).await?);
    }
    let users = gone.iter().map(|(id, _)| engine.storage.user(id));
    let users = try_join_all(users).await?;
    let calls = gone.iter().zip(users).filter_map(|((_, gone), user)| {
        let user = user.filter(User::is_guest)?;
        let is_meant = made_before.is_none_or(|before| user.created < before);
        is_meant.then(|| begin(engine, PurgeGuest::new(user, gone.reason)))
    });
    let mut kept = Vec::new();
    let mut ready = Vec::new();
    for (id, stage) in join_all(calls).await {
        match stage {
            Stage::Ready(staged) => ready.push((id, staged)),
            Stage::Ended(outcome, _) => kept.extend(keep(engine, id, &outcome)),
        }
    }
    let purged = perform(engine, ready).await;
    engine.apply(kept).await?;
    purged
}

/// Those who are gone by memory too, and are not kept for their rows.
async fn gone_of(
    engine: &EngineInner,
    ids: &[ObjectId],
) -> Result<Vec<(ObjectId, Gone)>, StorageError> {
    let looker = Looker::of(engine);
    let looks = try_join_all(ids.iter().map(|id| looker.look(id))).await?;
    let mut gone = Vec::with_capacity(ids.len());
    for (id, look) in ids.iter().zip(looks) {
        match look {
            Look::Gone(found) => gone.push((id.clone(), found)),
            Look::AtWork => engine.guests.numbers.note_kept(KeptBy::Call),
            Look::Lives => {}
        }
    }
    if owned_rows(engine) == OwnedRows::KeepGuest && !gone.is_empty() {
        let ids: Vec<_> = gone.iter().map(|(id, _)| id.clone()).collect();
        let owners = engine.storage.owns_anything(&ids).await?;
        for _ in &owners {
            engine.guests.numbers.note_kept(KeptBy::OwnedRows);
        }
        gone.retain(|(id, _)| !owners.contains(id));
    }
    Ok(gone)
}

/// Whether any handler or observer wants to hear of a purge.
fn is_heard_of(engine: &EngineInner) -> bool {
    let registry = &engine.registry;
    registry.chain::<PurgeGuest>().is_some() || !registry.observers_of_all().is_empty()
}

/// Removes guests whom nobody wants to hear of.
async fn purge_unheard(
    engine: &EngineInner,
    gone: Vec<(ObjectId, Gone)>,
) -> Result<Vec<ObjectId>, StorageError> {
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let count = |purged: &[ObjectId]| {
        for _ in purged {
            engine.call_stats.count(PurgeGuest::NAME, Ending::Performed);
        }
    };
    let ids: Vec<_> = gone.iter().map(|(id, _)| id.clone()).collect();
    if purge_at_once(engine, gone).await? {
        count(&ids);
        return Ok(ids);
    }
    let outcomes = join_all(ids.iter().map(|id| purge_one(engine, id))).await;
    let mut purged = Vec::new();
    let mut failure = None;
    for (id, outcome) in ids.into_iter().zip(outcomes) {
        match outcome {
            Ok(Purged::Gone) => purged.push(id),
            Ok(_) => {}
            Err(error) => failure = Some(error),
        }
    }
    count(&purged);
    failure.map_or(Ok(purged), Err)
}

/// Begins the call of a purge: its before handlers.
async fn begin(engine: &Arc<EngineInner>, event: PurgeGuest) -> (ObjectId, Stage<PurgeGuest>) {
    let id = event.id().clone();
    let nesting = Nesting::outermost(&event);
    let ctx = Context::new(Arc::clone(engine), Call::of_the_server(), nesting, None);
    (id, stage(event, ctx, Handlers::All).await)
}

/// What is to be remembered of a guest whom a handler did not let go.
fn keep(engine: &EngineInner, id: ObjectId, outcome: &Outcome<PurgeGuest>) -> Option<Change> {
    let Purged::Kept { until: tomorrow } = Purged::kept_for_a_day(engine.clock.now()) else {
        return None;
    };
    let (by, until) = match outcome {
        Ok(Purged::Kept { until }) => (KeptBy::Handler, *until),
        Ok(Purged::Gone | Purged::Stayed) => (KeptBy::Handler, tomorrow),
        // The database or this server is going down: that says nothing about the guest.
        Err(error) if error.chosen_status() == Some(503) || engine.calls.is_closed() => {
            return None;
        }
        Err(error) => {
            tracing::warn!(
                guest = id.as_str(),
                error = error.log(),
                "a handler of purgeGuest did not let a guest go; it is asked again in a day"
            );
            (KeptBy::HandlerFailure, tomorrow)
        }
    };
    engine.guests.numbers.note_kept(by);
    Some(Change::KeepGuest { id, until })
}

/// Does the operation of calls that may go on, and ends them. Answers whom it removed.
async fn perform(engine: &EngineInner, ready: Vec<Ready>) -> Result<Vec<ObjectId>> {
    if ready.is_empty() {
        return Ok(Vec::new());
    }
    // Handlers may have taken their time: what was known before them is not known any more.
    let looker = Looker::of(engine);
    let looks = try_join_all(ready.iter().map(|(id, _)| looker.look(id))).await;
    let looks = match looks {
        Ok(looks) => looks,
        Err(error) => return Err(abandon(ready, error.into()).await),
    };
    let mut gone = Vec::new();
    let (mut going, mut staying) = (Vec::new(), Vec::new());
    for ((id, staged), look) in ready.into_iter().zip(looks) {
        match look {
            Look::Gone(found) => {
                gone.push((id.clone(), found));
                going.push((id, staged));
            }
            Look::Lives | Look::AtWork => staying.push(staged.conclude(Ok(Purged::Stayed))),
        }
    }
    join_all(staying).await;
    match purge_at_once(engine, gone).await {
        Ok(true) => Ok(conclude(going).await),
        Ok(false) => one_by_one(going).await,
        Err(error) => Err(abandon(going, error.into()).await),
    }
}

/// Runs the after handlers of guests who are gone.
async fn conclude(purged: Vec<Ready>) -> Vec<ObjectId> {
    let conclude = |(id, staged): Ready| async {
        // Whatever handlers make of it, the guest is gone; the pipeline has told the log.
        let _ = staged.conclude(Ok(Purged::Gone)).await;
        id
    };
    join_all(purged.into_iter().map(conclude)).await
}

/// Does the operation of each call by itself.
async fn one_by_one(calls: Vec<Ready>) -> Result<Vec<ObjectId>> {
    let perform = |(id, staged): Ready| async { (id, staged.perform().await.0) };
    let mut purged = Vec::new();
    let mut failure = None;
    for (id, outcome) in join_all(calls.into_iter().map(perform)).await {
        match outcome {
            Ok(Purged::Gone) => purged.push(id),
            Ok(Purged::Kept { .. } | Purged::Stayed) => {}
            Err(error) if error.chosen_status() == Some(503) => failure = Some(error),
            // An after handler failed; the pipeline has told the log.
            Err(_) => {}
        }
    }
    failure.map_or(Ok(purged), Err)
}

/// Ends calls whose operation cannot be done now. Gives the error back.
async fn abandon(calls: Vec<Ready>, error: Error) -> Error {
    let abandon = |(_, staged): Ready| staged.abandon(error.clone());
    join_all(calls.into_iter().map(abandon)).await;
    error
}

/// Removes several guests in one step. `false`: that cannot be done, look at each by itself, since
/// one of them is not gone after all or has rows that must go first.
async fn purge_at_once(
    engine: &EngineInner,
    gone: Vec<(ObjectId, Gone)>,
) -> Result<bool, StorageError> {
    let owned_rows = owned_rows(engine);
    if owned_rows == OwnedRows::Cascade {
        return Ok(false);
    }
    let count = gone.len();
    let changes = gone.into_iter().flat_map(|(id, gone)| {
        let owns_nothing = (owned_rows == OwnedRows::KeepGuest)
            .then(|| Change::Require(Precondition::OwnsNothing(id.clone())));
        if_gone(engine, &id, gone.unsaved)
            .into_iter()
            .chain(owns_nothing)
            .chain([Change::RemoveUser { id }])
    });
    match engine.apply(changes.collect()).await {
        Ok(_) => {
            engine.guests.numbers.note_purged(count);
            Ok(true)
        }
        Err(StorageError::Refused { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes a guest, if it is still gone.
pub(crate) async fn purge_one(engine: &EngineInner, id: &ObjectId) -> Result<Purged, StorageError> {
    let mut attempts = 0;
    while attempts < ATTEMPTS {
        let policy = owned_rows(engine);
        let owned = match policy {
            OwnedRows::Cascade => engine.storage.owned_rows(id).await?,
            OwnedRows::Leave | OwnedRows::KeepGuest => Vec::new(),
        };
        let rows = removable(&owned).map(|(_, rows)| rows).sum::<u64>();
        let is_last = rows <= ROWS_PER_STEP;
        // Before the look, which must not be old when the step is made.
        let _share = engine.guests.rows_at_once.take(rows).await;
        let Look::Gone(gone) = Looker::of(engine).look(id).await? else {
            return Ok(Purged::Stayed);
        };
        let mut changes = if_gone(engine, id, gone.unsaved);
        match policy {
            OwnedRows::Leave => {}
            OwnedRows::KeepGuest => {
                changes.push(Change::Require(Precondition::OwnsNothing(id.clone())));
            }
            OwnedRows::Cascade => changes.extend(cascade(id, &owned, is_last)),
        }
        if is_last {
            changes.push(Change::RemoveUser { id: id.clone() });
        }
        match engine.apply(changes).await {
            Ok(_) if is_last => {
                engine.guests.numbers.note_purged(1);
                return Ok(Purged::Gone);
            }
            Ok(_) => {}
            Err(StorageError::Refused {
                precondition: Precondition::OwnsNothing(_),
            }) if policy == OwnedRows::Cascade => attempts += 1,
            Err(StorageError::Refused { .. }) => return Ok(Purged::Stayed),
            // A table went or came between the look and the step.
            Err(StorageError::SchemaChanged | StorageError::UnknownTable { .. }) => attempts += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(Purged::Stayed)
}

/// The beginning of every step that takes something from a guest: the step is made while the guest is
/// gone, or not at all. What memory knows better comes first.
fn if_gone(
    engine: &EngineInner,
    id: &ObjectId,
    unsaved: Vec<(Selector, ActivityTime)>,
) -> Vec<Change> {
    let settings: &SessionSettings = &engine.settings.current().sessions;
    let is_gone = Precondition::GuestIsGone {
        id: id.clone(),
        expiry: engine.sessions.expiry(settings),
        now: engine.clock.now(),
    };
    let unsaved = (!unsaved.is_empty()).then_some(Change::RecordActivity(unsaved));
    unsaved
        .into_iter()
        .chain([Change::Require(is_gone)])
        .collect()
}

/// Removes rows that a guest owns: all of them if this is the last step, or else a slice. The guest
/// goes last, so that a cascade that was broken off half-way is taken up again.
fn cascade(id: &ObjectId, owned: &[(String, u64)], is_last: bool) -> Vec<Change> {
    let mut left = ROWS_PER_STEP;
    let mut changes = Vec::new();
    for (table, rows) in removable(owned) {
        let limit = left.min(*rows);
        if limit > 0 {
            let (table, owner) = (table.clone(), id.clone());
            changes.push(Change::RemoveOwned {
                table,
                owner,
                limit,
            });
        }
        left -= limit;
    }
    if is_last && owned.iter().all(|(table, _)| table != USERS) {
        changes.push(Change::Require(Precondition::OwnsNothing(id.clone())));
    }
    changes
}

/// The rows that go with their owner. Users have their own ways to go.
fn removable(owned: &[(String, u64)]) -> impl Iterator<Item = &(String, u64)> {
    owned.iter().filter(|(table, _)| table != USERS)
}

fn owned_rows(engine: &EngineInner) -> OwnedRows {
    engine.settings.current().guests.owned_rows
}
