use rusqlite::{Connection, Params, Statement, params_from_iter};
use vestibule_model::{Catalogue, Selector};
use vestibule_sql::Then;
use vestibule_storage::{Applied, StorageError};

use crate::{
    catalogue::{self, SharedCatalogue},
    error,
    render::RenderedStep,
    writer::Job,
};

/// Makes the jobs in one transaction, each in a savepoint of its own, and answers each.
///
/// Nobody hears of success before the commit. A job that fails undoes itself alone; a lost
/// transaction (full disk, I/O error, no memory) or a failed commit fails every job.
pub(crate) fn run(connection: &Connection, catalogue: &SharedCatalogue, jobs: Vec<Job>) {
    match commit(connection, &catalogue.current(), &jobs) {
        Ok(results) => {
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

/// Undoes whatever a batch left behind and reads the catalogue again, which the batch may have
/// believed to be changed.
pub(crate) fn give_up(connection: &Connection, catalogue: &SharedCatalogue) {
    if !connection.is_autocommit()
        && let Err(error) = run_plain(connection, "ROLLBACK")
    {
        tracing::error!(%error, "the rollback of a batch failed");
    }
    match catalogue::load(connection) {
        Ok(loaded) => catalogue.replace(loaded),
        Err(error) => tracing::error!(%error, "the catalogue could not be read again"),
    }
}

/// What came of each job; an error if nothing came of any.
fn commit(
    connection: &Connection,
    catalogue: &Catalogue,
    jobs: &[Job],
) -> Result<Vec<Result<Applied, StorageError>>, StorageError> {
    run_plain(connection, "BEGIN IMMEDIATE")?;
    let results = jobs
        .iter()
        .map(|job| in_savepoint(connection, catalogue, &job.steps))
        .collect::<Result<_, _>>()?;
    run_plain(connection, "COMMIT")?;
    Ok(results)
}

/// What came of one job; an outer error if the whole transaction is lost.
fn in_savepoint(
    connection: &Connection,
    catalogue: &Catalogue,
    steps: &[RenderedStep],
) -> Result<Result<Applied, StorageError>, StorageError> {
    run_plain(connection, "SAVEPOINT job")?;
    let result = make(connection, catalogue, steps);
    // A full disk, an I/O error and lack of memory make SQLite roll back everything by itself.
    // What came before this job is gone then, and what comes after it must not run on its own.
    if connection.is_autocommit() {
        return Err(match result {
            Err(error @ StorageError::Unavailable { .. }) => error,
            _ => StorageError::unavailable("the database ended the transaction by itself"),
        });
    }
    if result.is_err() {
        run_plain(connection, "ROLLBACK TO job")?;
    }
    run_plain(connection, "RELEASE job")?;
    Ok(result)
}

/// Runs the steps up to the first that fails.
fn make(
    connection: &Connection,
    catalogue: &Catalogue,
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
    catalogue: &Catalogue,
    step: &RenderedStep,
    applied: &mut Applied,
) -> Result<(), StorageError> {
    let of_step = |error| error::of_step(error, catalogue, &step.then);
    let mut statement = connection
        .prepare_cached(&step.statement.sql)
        .map_err(of_step)?;
    let values = params_from_iter(&step.statement.values.0);
    let (holds, precondition) = match &step.then {
        Then::GoOn | Then::Inserts(_) | Then::RefersTo(_) => {
            statement.execute(values).map_err(of_step)?;
            return Ok(());
        }
        Then::CollectsEnded => {
            let mut ended = selectors(&mut statement, values).map_err(of_step)?;
            ended.sort_unstable();
            applied.ended.append(&mut ended);
            return Ok(());
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tempfile::TempDir;
    use tokio::sync::oneshot;
    use vestibule_model::{ObjectId, Timestamp, User, UserStatus};
    use vestibule_sql::steps;
    use vestibule_storage::{Change, NewUser, Precondition};

    use super::*;
    use crate::{
        Durability, SqliteOptions, connection, folder::FolderLock, handle::Handle, migrations,
        render,
    };

    type Answer = oneshot::Receiver<Result<Applied, StorageError>>;

    /// A database of at most 100 pages.
    fn database() -> (TempDir, Handle, SharedCatalogue) {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions {
            durability: Durability::Off,
            max_page_count: Some(100),
            ..SqliteOptions::in_folder(folder.path())
        };
        let lock = Arc::new(FolderLock::take(folder.path()).unwrap());
        let mut connection = connection::for_writing(&options, &lock).unwrap();
        migrations::run(&mut connection, &options).unwrap();
        let catalogue = SharedCatalogue::new(catalogue::load(&connection).unwrap());
        (folder, connection, catalogue)
    }

    fn job(catalogue: &SharedCatalogue, changes: Vec<Change>) -> (Job, Answer) {
        let (reply, answer) = oneshot::channel();
        let steps = render::steps(steps::of(changes, &catalogue.current()).unwrap());
        (Job { steps, reply }, answer)
    }

    fn insert(name: &str, length: usize) -> Change {
        let id = ObjectId::parse(name).unwrap();
        let mut user = User::new(id, UserStatus::Guest, Timestamp::default());
        let text = "x".repeat(length);
        user.properties.insert("name".to_owned(), text.into());
        Change::InsertUser(NewUser {
            user,
            password: None,
        })
    }

    fn nobody() -> Precondition {
        Precondition::UserExists(ObjectId::parse("NOBODY").unwrap())
    }

    fn count_users(connection: &Connection) -> i64 {
        connection
            .query_row(r#"SELECT count(*) FROM "Users""#, [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn a_job_that_fails_is_undone_alone() {
        let (_folder, connection, catalogue) = database();
        let (first, mut first_answer) = job(&catalogue, vec![insert("A", 1)]);
        let refused = vec![insert("B", 1), Change::Require(nobody())];
        let (second, mut second_answer) = job(&catalogue, refused);
        let (third, mut third_answer) = job(&catalogue, vec![insert("C", 1)]);
        run(&connection, &catalogue, vec![first, second, third]);

        assert!(first_answer.try_recv().unwrap().is_ok());
        let second = second_answer.try_recv().unwrap();
        assert!(
            matches!(second, Err(StorageError::Refused { .. })),
            "{second:?}"
        );
        assert!(third_answer.try_recv().unwrap().is_ok());
        assert_eq!(2, count_users(&connection));
    }

    #[test]
    fn a_full_disk_fails_the_whole_batch_and_leaves_nothing_of_it() {
        let (_folder, connection, catalogue) = database();
        // The batch believed in a catalogue that was never committed.
        catalogue.replace(Catalogue::default());
        let committed = catalogue::load(&connection).unwrap();
        let believed = SharedCatalogue::new(committed.clone());
        let (jobs, answers): (Vec<_>, Vec<_>) = [("A", 1), ("B", 1_000_000), ("C", 1)]
            .map(|(name, length)| job(&believed, vec![insert(name, length)]))
            .into_iter()
            .unzip();
        run(&connection, &catalogue, jobs);

        for mut answer in answers {
            match answer.try_recv().unwrap() {
                Err(StorageError::Unavailable { source }) => {
                    assert_eq!("database or disk is full", source.to_string());
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(connection.is_autocommit());
        assert_eq!(0, count_users(&connection));
        assert_eq!(committed, *catalogue.current());

        let (next, mut answer) = job(&catalogue, vec![insert("D", 1)]);
        run(&connection, &catalogue, vec![next]);
        assert!(answer.try_recv().unwrap().is_ok());
        assert_eq!(1, count_users(&connection));
    }

    #[test]
    fn a_failed_commit_fails_everybody() {
        let (_folder, connection, catalogue) = database();
        // With each user comes a broken reference, which is looked for at the commit only.
        connection
            .execute_batch(
                r#"CREATE TABLE "Broken" (
                       "user" REFERENCES "Users" ("objectId") DEFERRABLE INITIALLY DEFERRED
                   );
                   CREATE TRIGGER "break" AFTER INSERT ON "Users" BEGIN
                       INSERT INTO "Broken" VALUES ('NOBODY');
                   END"#,
            )
            .unwrap();
        let (jobs, answers): (Vec<_>, Vec<_>) = ["A", "B"]
            .map(|name| job(&catalogue, vec![insert(name, 1)]))
            .into_iter()
            .unzip();
        run(&connection, &catalogue, jobs);
        for mut answer in answers {
            let answer = answer.try_recv().unwrap();
            assert!(
                matches!(answer, Err(StorageError::Unavailable { .. })),
                "{answer:?}"
            );
        }
        assert_eq!(0, count_users(&connection));
        assert!(connection.is_autocommit(), "the next batch can begin");
    }
}
