use std::sync::Arc;

use rusqlite::{Connection, Params, Statement, params_from_iter};
use vestibule_model::Selector;
use vestibule_sql::{SqlCatalogue, Then, steps};
use vestibule_storage::{Applied, StorageError};

use crate::{
    catalogue::{self, SharedCatalogue},
    error,
    prepare::{prepare, prepare_once},
    render::{self, RenderedStep},
    writer::Job,
};

#[cfg(test)]
mod tests;

/// How many batches of several jobs are made with savepoints at once, after one that had to be made
/// twice.
///
/// A batch that is made twice waits for the disk once, as any, but costs up to twice the statements.
/// Without this number a storm of calls that are refused would have every batch made twice: the
/// writer then had a fifth more to do than with savepoints alone (`--bench writes`, 256 tasks, one call
/// in a hundred refused: 21.6 µs a call against 18.1). With it, it has as much.
const CAREFUL_BATCHES: u32 = 16;

/// Makes batches of jobs, each batch in one transaction.
///
/// Most jobs succeed, so a batch is made without savepoints first: with one, SQLite copies each page
/// before the job changes it, and a guest login costs some 57,000 instructions instead of 34,000 (64 at
/// once). If a job fails all the same, nobody has been answered yet: the transaction is rolled back and
/// made again, each job in a savepoint of its own. A job that is alone in its batch needs none.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    /// How many batches of several jobs are made with savepoints at once, from here on.
    careful: u32,
}

impl Batches {
    /// Makes the jobs in one transaction and answers each.
    ///
    /// Nobody hears of success before the commit, nor before everybody who compiles statements has
    /// the schema as the commit left it. A job that fails undoes itself alone; a lost transaction
    /// (full disk, I/O error, no memory) or a failed commit fails every job.
    pub(crate) fn run(
        &mut self,
        connection: &Connection,
        catalogue: &SharedCatalogue,
        mut jobs: Vec<Job>,
    ) {
        let published = catalogue.current();
        // The batch's own view: what the jobs so far have made of the schema.
        let mut believed = Arc::clone(&published);
        match self.commit(connection, &mut believed, &mut jobs) {
            Ok(results) => {
                if !Arc::ptr_eq(&published, &believed) {
                    catalogue.replace(believed);
                }
                for (job, result) in jobs.into_iter().zip(results) {
                    // Whoever does not wait for the answer any more does not want to know.
                    let _ = job.reply.send(result);
                }
            }
            Err(error) => {
                tracing::error!(jobs = jobs.len(), %error, "a batch of writes was lost");
                give_up(connection, catalogue);
                for job in jobs {
                    let _ = job.reply.send(Err(error.clone()));
                }
            }
        }
    }

    /// What came of each job; an error if nothing came of any.
    fn commit(
        &mut self,
        connection: &Connection,
        believed: &mut Arc<SqlCatalogue>,
        jobs: &mut [Job],
    ) -> Result<Vec<Result<Applied, StorageError>>, StorageError> {
        if self.may_go_together(believed, jobs) {
            match together(connection, believed, jobs)? {
                Ok(applied) => return Ok(applied.into_iter().map(Ok).collect()),
                Err(error) if jobs.len() == 1 => return Ok(vec![Err(error)]),
                Err(_) => self.careful = CAREFUL_BATCHES,
            }
        }
        each_alone(connection, believed, jobs)
    }

    /// Whether a batch may be made without savepoints. Not if a job changes the schema or is made for
    /// another one: that is rare, and the jobs behind it are compiled as it leaves the schema.
    fn may_go_together(&mut self, published: &Arc<SqlCatalogue>, jobs: &[Job]) -> bool {
        let is_plain = |job: &Job| {
            let origin = job.origin.as_ref();
            origin.is_none_or(|origin| Arc::ptr_eq(&origin.catalogue, published))
                && !change_schema(&job.steps)
        };
        if !jobs.iter().all(is_plain) {
            return false;
        }
        if jobs.len() > 1 && self.careful > 0 {
            self.careful -= 1;
            return false;
        }
        true
    }
}

/// Undoes whatever a batch left behind and reads the catalogue again, to be sure of it.
pub(crate) fn give_up(connection: &Connection, catalogue: &SharedCatalogue) {
    if !connection.is_autocommit()
        && let Err(error) = run_plain(connection, "ROLLBACK")
    {
        tracing::error!(%error, "the rollback of a batch failed");
    }
    match catalogue::load(connection) {
        Ok(loaded) => catalogue.replace(Arc::new(loaded)),
        Err(error) => tracing::error!(%error, "the catalogue could not be read again"),
    }
}

/// Makes the jobs without savepoints: what came of all of them, or the first error, and then nothing
/// is left of any. An outer error if the transaction is lost.
fn together(
    connection: &Connection,
    catalogue: &SqlCatalogue,
    jobs: &[Job],
) -> Result<Result<Vec<Applied>, StorageError>, StorageError> {
    run_plain(connection, "BEGIN IMMEDIATE")?;
    let made = jobs
        .iter()
        .map(|job| make(connection, catalogue, &job.steps))
        .collect();
    check_not_lost(connection, &made)?;
    run_plain(connection, if made.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    Ok(made)
}

/// Makes the jobs in one transaction, each in a savepoint of its own: what came of each. An error if
/// the transaction is lost.
fn each_alone(
    connection: &Connection,
    believed: &mut Arc<SqlCatalogue>,
    jobs: &mut [Job],
) -> Result<Vec<Result<Applied, StorageError>>, StorageError> {
    run_plain(connection, "BEGIN IMMEDIATE")?;
    let results = jobs
        .iter_mut()
        .map(|job| match compile_again(job, believed) {
            Ok(()) => in_savepoint(connection, believed, &job.steps),
            Err(error) => Ok(Err(error)),
        })
        .collect::<Result<_, _>>()?;
    run_plain(connection, "COMMIT")?;
    Ok(results)
}

/// Makes the steps of a job anew if the schema is not the one that they were made for. That is rare,
/// so the writer has the time.
fn compile_again(job: &mut Job, believed: &Arc<SqlCatalogue>) -> Result<(), StorageError> {
    let Some(origin) = &job.origin else {
        return Ok(());
    };
    if Arc::ptr_eq(&origin.catalogue, believed) {
        return Ok(());
    }
    let steps = steps::of(&origin.changes, believed);
    // The caller has been told of mistakes before; what is one now was none then.
    job.steps = render::steps(steps.map_err(|error| match error {
        StorageError::UnknownTable { .. }
        | StorageError::UnknownColumn { .. }
        | StorageError::WrongType { .. } => StorageError::SchemaChanged,
        other => other,
    })?);
    Ok(())
}

/// What came of one job; an outer error if the whole transaction is lost.
fn in_savepoint(
    connection: &Connection,
    believed: &mut Arc<SqlCatalogue>,
    steps: &[RenderedStep],
) -> Result<Result<Applied, StorageError>, StorageError> {
    run_plain(connection, "SAVEPOINT job")?;
    let result = make(connection, believed, steps);
    check_not_lost(connection, &result)?;
    if result.is_err() {
        run_plain(connection, "ROLLBACK TO job")?;
    }
    run_plain(connection, "RELEASE job")?;
    if result.is_ok() && change_schema(steps) {
        *believed = Arc::new(catalogue::load(connection)?);
    }
    Ok(result)
}

/// An error if `result` is what came of a job with which the whole transaction was lost.
///
/// A full disk, an I/O error and lack of memory make SQLite roll back everything by itself. What came
/// before this job is gone then, and what comes after it must not run on its own.
fn check_not_lost<T>(
    connection: &Connection,
    result: &Result<T, StorageError>,
) -> Result<(), StorageError> {
    if !connection.is_autocommit() {
        return Ok(());
    }
    Err(match result {
        Err(error @ StorageError::Unavailable { .. }) => error.clone(),
        _ => StorageError::unavailable("the database ended the transaction by itself"),
    })
}

fn change_schema(steps: &[RenderedStep]) -> bool {
    steps.iter().any(|step| step.then == Then::ChangesSchema)
}

/// Runs the steps up to the first that fails.
fn make(
    connection: &Connection,
    catalogue: &SqlCatalogue,
    steps: &[RenderedStep],
) -> Result<Applied, StorageError> {
    let mut applied = Applied::default();
    for step in steps {
        take(connection, catalogue, step, &mut applied)?;
    }
    Ok(applied)
}

/// Runs one step.
fn take(
    connection: &Connection,
    catalogue: &SqlCatalogue,
    step: &RenderedStep,
    applied: &mut Applied,
) -> Result<(), StorageError> {
    let of_step = |error| error::of_step(error, catalogue, &step.then);
    let sql = &step.statement.sql;
    let mut statement = match step.then {
        Then::ChangesSchema | Then::Indexes(_) => prepare_once(connection, sql),
        _ => prepare(connection, sql),
    }
    .map_err(of_step)?;
    let values = params_from_iter(&step.statement.values.0);
    let (holds, precondition) = match &step.then {
        Then::ChangesSchema
        | Then::Indexes(_)
        | Then::GoOn
        | Then::Inserts(_)
        | Then::RefersTo(_) => {
            statement.execute(values).map_err(of_step)?;
            return Ok(());
        }
        Then::CountsChanged => {
            applied.changed += run_counting(&mut statement, values).map_err(of_step)?;
            return Ok(());
        }
        Then::CountsLinked { .. } => {
            applied.linked += run_counting(&mut statement, values).map_err(of_step)?;
            return Ok(());
        }
        Then::CountsUnlinked => {
            applied.unlinked += run_counting(&mut statement, values).map_err(of_step)?;
            return Ok(());
        }
        Then::CollectsEnded => {
            let mut ended = selectors(&mut statement, values).map_err(of_step)?;
            ended.sort_unstable();
            applied.ended.append(&mut ended);
            return Ok(());
        }
        Then::CollectsMoved => {
            let mut moved = selectors(&mut statement, values).map_err(of_step)?;
            moved.sort_unstable();
            applied.moved.append(&mut moved);
            return Ok(());
        }
        Then::IsFree(constraint) => {
            return if statement.exists(values).map_err(of_step)? {
                Err(StorageError::Conflict {
                    constraint: constraint.clone(),
                })
            } else {
                Ok(())
            };
        }
        Then::ChangesOne(precondition) => {
            let changed = statement.execute(values).map_err(of_step)?;
            (changed == 1, precondition)
        }
        Then::FindsRow(precondition) => (statement.exists(values).map_err(of_step)?, precondition),
        Then::FindsNone(precondition) => {
            (!statement.exists(values).map_err(of_step)?, precondition)
        }
        Then::FindsExactly(precondition, expected) => {
            let found = selectors(&mut statement, values).map_err(of_step)?;
            (found == *expected, precondition)
        }
    };
    if holds {
        Ok(())
    } else {
        Err(StorageError::Refused {
            precondition: precondition.clone(),
        })
    }
}

/// Runs a statement and says how many rows it changed; rows that went because others did (links of a
/// record) do not count.
fn run_counting(statement: &mut Statement<'_>, values: impl Params) -> rusqlite::Result<u64> {
    let changed = statement.execute(values)?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

fn selectors(
    statement: &mut Statement<'_>,
    values: impl Params,
) -> rusqlite::Result<Vec<Selector>> {
    let rows = statement.query_map(values, |row| row.get(0).map(Selector::from_bytes))?;
    rows.collect()
}

fn run_plain(connection: &Connection, sql: &'static str) -> Result<(), StorageError> {
    let run = || connection.prepare_cached(sql)?.execute([]);
    run().map(drop).map_err(StorageError::unavailable)
}
