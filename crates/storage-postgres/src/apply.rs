use std::{collections::BTreeSet, time::Duration};

use futures::future::try_join_all;
use tokio_postgres::types::ToSql;
use vestibule_model::ObjectId;
use vestibule_sql::{SqlCatalogue, Step, Then, steps};
use vestibule_storage::{Applied, Change, News, StorageError};

use crate::{
    Postgres, catalogue,
    error::{self, Failure},
    news,
    pool::Connection,
    prepare::{forget_all, prepare},
    render::{self, RenderedStep},
    transaction, waits,
};

/// How often changes are tried that others come in between.
const TRIES: u32 = 12;

/// How often changes are compiled that are about tables of the past.
const COMPILATIONS: u32 = 3;

/// The lock of whoever changes the schema, shared by all servers; the number means nothing.
const SCHEMA_LOCK: i64 = 0x7665_7374_6962_756c;

/// How the changes of one call are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// New rows only, or times that only grow: no other transaction can make them wrong, but by what the
    /// database looks after itself (keys and references).
    Plain,
    /// As if nobody else were there.
    Serializable,
    /// That, and nobody else changes the schema.
    OfSchema,
}

impl Postgres {
    /// Makes all of these changes or none.
    pub(crate) async fn make(&self, changes: Vec<Change>) -> Result<Applied, StorageError> {
        if changes.is_empty() {
            return Ok(Applied::default());
        }
        let mut compilations = 0;
        let mut tries = 0;
        loop {
            let catalogue = self.catalogue.current();
            let steps = steps::of(&changes, &catalogue);
            // The caller has been told of mistakes before; what is one now was none then.
            let steps = steps.map_err(|error| match error {
                StorageError::UnknownTable { .. }
                | StorageError::UnknownColumn { .. }
                | StorageError::WrongType { .. }
                    if compilations > 0 =>
                {
                    StorageError::SchemaChanged
                }
                other => other,
            });
            let failure = match steps {
                Ok(steps) => match self.try_to_make(&changes, steps, &catalogue).await {
                    Ok(applied) => return Ok(applied),
                    Err(failure) => failure,
                },
                // Perhaps somebody else has made it a moment ago.
                Err(StorageError::UnknownTable { .. } | StorageError::UnknownColumn { .. })
                    if compilations == 0 =>
                {
                    Failure::OfThePast
                }
                Err(error) => return Err(error),
            };
            match failure {
                Failure::Final(error) => return Err(error),
                Failure::OfThePast if compilations + 1 < COMPILATIONS => {
                    compilations += 1;
                    let is_another = self.catalogue.reload(&self.pool, &catalogue).await?;
                    if !is_another && compilations == 1 {
                        // It was no change of the schema: a mistake is told as it is.
                        steps::of(&changes, &catalogue)?;
                    }
                }
                Failure::OfThePast => return Err(StorageError::SchemaChanged),
                Failure::Again(_) if tries + 1 < TRIES => {
                    tries += 1;
                    waits::pause(longest_pause(tries)).await;
                }
                // Nothing was changed, and perhaps there is less going on in a moment.
                Failure::Again(error) if error::is_contended(&error) => {
                    return Err(StorageError::Busy);
                }
                Failure::Again(error) => return Err(error),
            }
        }
    }

    async fn try_to_make(
        &self,
        changes: &[Change],
        steps: Vec<Step>,
        catalogue: &SqlCatalogue,
    ) -> Result<Applied, Failure> {
        let manner = manner(changes, &steps);
        let steps = render::steps(steps);
        let _alone = match manner {
            Manner::OfSchema => Some(self.catalogue.changing().await),
            Manner::Plain | Manner::Serializable => None,
        };
        let connection = self.pool.connection().await?;
        let work = async {
            let made = match manner {
                Manner::Plain => plainly(&connection, catalogue, &steps).await,
                Manner::Serializable => {
                    self.serializably(&connection, catalogue, changes, &steps)
                        .await
                }
                Manner::OfSchema => {
                    self.with_schema(&connection, catalogue, changes, &steps)
                        .await
                }
            };
            Ok(made)
        };
        let made = self.pool.within(work).await?;
        let is_clean = match &made {
            Ok(_) => true,
            Err(Failure::Final(StorageError::Unavailable { .. })) => false,
            Err(Failure::OfThePast) => {
                forget_all(&connection);
                true
            }
            Err(_) => true,
        };
        // What was rolled back leaves the connection as it was; of anything else nobody knows.
        if is_clean && (made.is_ok() || roll_back(&connection, manner).await) {
            connection.give_back();
        }
        made
    }

    async fn serializably(
        &self,
        connection: &Connection,
        catalogue: &SqlCatalogue,
        changes: &[Change],
        steps: &[RenderedStep],
    ) -> Result<Applied, Failure> {
        // Small tables are read as a whole if they may be, and then any two changes of them are in
        // each other's way.
        let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL enable_seqscan = off";
        let statements = transaction::compile(connection, catalogue, steps).await?;
        let (begun, made) = futures::join!(
            connection.batch_execute(begin),
            transaction::make(connection, catalogue, steps, &statements)
        );
        begun.map_err(of_frame)?;
        let applied = made?;
        self.commit(connection, changes, &applied).await?;
        Ok(applied)
    }

    async fn with_schema(
        &self,
        connection: &Connection,
        catalogue: &SqlCatalogue,
        changes: &[Change],
        steps: &[RenderedStep],
    ) -> Result<Applied, Failure> {
        let lock = format!("SELECT pg_advisory_lock({SCHEMA_LOCK})");
        connection.batch_execute(&lock).await.map_err(of_frame)?;
        let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
        connection.batch_execute(begin).await.map_err(of_frame)?;
        if catalogue::load(connection).await? != *catalogue {
            return Err(Failure::OfThePast);
        }
        let applied = transaction::make_one_by_one(connection, catalogue, steps).await?;
        let after = catalogue::load(connection).await?;
        let replacing = self.catalogue.replacing().await;
        self.commit(connection, changes, &applied).await?;
        replacing.with(after);
        let unlock = format!("SELECT pg_advisory_unlock({SCHEMA_LOCK})");
        connection.batch_execute(&unlock).await.map_err(of_frame)?;
        forget_all(connection);
        Ok(applied)
    }

    /// Commits, and tells the others in the same step what they must not remember any more.
    async fn commit(
        &self,
        connection: &Connection,
        changes: &[Change],
        applied: &Applied,
    ) -> Result<(), Failure> {
        let news = News::of(changes, applied);
        let texts = news::payloads(&news, self.listener.server());
        if texts.is_empty() {
            return connection.batch_execute("COMMIT").await.map_err(of_frame);
        }
        let notify = "SELECT pg_notify($1, $2)";
        let notify = prepare(connection, notify).await.map_err(of_frame)?;
        let parameters: Vec<[&(dyn ToSql + Sync); 2]> = texts
            .iter()
            .map(|text| [&news::CHANNEL as _, text as _])
            .collect();
        let sending = parameters
            .iter()
            .map(|parameters| connection.execute(&notify, parameters));
        // In one go: what cannot be sent takes the commit with it.
        let (sent, committed) =
            futures::join!(try_join_all(sending), connection.batch_execute("COMMIT"));
        sent.map_err(of_frame)?;
        committed.map_err(of_frame)
    }
}

/// Sent in one go, the commit too: what fails takes the commit with it.
async fn plainly(
    connection: &Connection,
    catalogue: &SqlCatalogue,
    steps: &[RenderedStep],
) -> Result<Applied, Failure> {
    let statements = transaction::compile(connection, catalogue, steps).await?;
    let (begun, made, committed) = futures::join!(
        connection.batch_execute("BEGIN"),
        transaction::make(connection, catalogue, steps, &statements),
        connection.batch_execute("COMMIT")
    );
    begun.map_err(of_frame)?;
    let applied = made?;
    committed.map_err(of_frame)?;
    Ok(applied)
}

/// Undoes what was begun; whether that worked.
async fn roll_back(connection: &Connection, manner: Manner) -> bool {
    let undo = match manner {
        Manner::OfSchema => "ROLLBACK; SELECT pg_advisory_unlock_all()",
        Manner::Plain | Manner::Serializable => "ROLLBACK",
    };
    connection.batch_execute(undo).await.is_ok()
}

/// What the failure of a statement around the steps means.
fn of_frame(error: tokio_postgres::Error) -> Failure {
    match error::of_read(error) {
        StorageError::SchemaChanged => Failure::OfThePast,
        other if error::is_contended(&other) => Failure::Again(other),
        other => Failure::Final(other),
    }
}

fn manner(changes: &[Change], steps: &[Step]) -> Manner {
    let changes_schema = |step: &Step| matches!(step.then, Then::ChangesSchema | Then::Indexes(_));
    // Also where there is nothing to do by what this server knows: to remove a column that it has not
    // heard of yet is no step, and is to be looked at again under the lock.
    let is_of_schema = News::of(changes, &Applied::default()).schema;
    if is_of_schema || steps.iter().any(changes_schema) {
        return Manner::OfSchema;
    }
    let mut made: BTreeSet<&ObjectId> = BTreeSet::new();
    let is_plain = changes.iter().all(|change| match change {
        Change::InsertUser(new) => {
            made.insert(new.user.id());
            true
        }
        // Of a user who was there before, others may have ended the last session just now.
        Change::OpenSession(session) => made.contains(&session.user_id),
        Change::RecordLogin { id, .. } => made.contains(id),
        Change::Audit(_)
        | Change::RecordActivity(_)
        | Change::RecordHeartbeat { .. }
        | Change::RecordStart(_) => true,
        _ => false,
    });
    if is_plain {
        Manner::Plain
    } else {
        Manner::Serializable
    }
}

/// How long to wait at most before the next try: ever longer.
fn longest_pause(tries: u32) -> Duration {
    Duration::from_millis(2_u64.saturating_pow(tries.min(8)))
}
