use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use rusqlite::Connection;
use tokio::sync::oneshot;
use vestibule_sql::{SqlCatalogue, Step, steps};
use vestibule_storage::{Applied, Change, StorageError};

use crate::{
    OpenError, SqliteOptions,
    batch::{self, Batches},
    catalogue::SharedCatalogue,
    error::GaveUp,
    handle::Handle,
    queue::{AbandonAtEnd, Queue},
    render::{self, RenderedStep},
    worker::Worker,
};

/// How many jobs share a transaction at most. More would make the first of them wait too long.
///
/// Measured with `cargo bench -p vestibule-storage-sqlite --bench writes`, medians of four runs each, on
/// two cores that had other work. With 256 tasks 64 jobs made 17,500 writes a second, and 256 or more
/// of them 25,000 to 28,500, p99 24 to 26 ms. With 2,048 tasks 64, 256, 512 and 2,048 jobs made 17,000,
/// 28,000, 30,000 and 37,000 a second, p99 148, 100, 90 and 103 ms.
const JOBS_PER_BATCH: usize = 512;

/// The one thread that writes; see the documentation of the crate for what it guarantees.
pub(crate) struct Writer {
    queue: Arc<Queue<Job>>,
    worker: Worker,
}

/// Steps to make together, and whom to tell what came of them.
pub(crate) struct Job {
    pub(crate) steps: Vec<RenderedStep>,
    /// What the steps were made of, to make them again if the schema is another one at their turn.
    pub(crate) origin: Option<Origin>,
    pub(crate) reply: oneshot::Sender<Result<Applied, StorageError>>,
}

/// What steps were made of.
pub(crate) struct Origin {
    pub(crate) changes: Vec<Change>,
    pub(crate) catalogue: Arc<SqlCatalogue>,
}

impl Writer {
    pub(crate) fn start(
        connection: Handle,
        catalogue: SharedCatalogue,
        options: &SqliteOptions,
    ) -> Result<Self, OpenError> {
        let queue = Arc::new(Queue::new(options.queue_capacity));
        let worker = Worker::start("vestibule-writer".to_owned(), connection, {
            let queue = Arc::clone(&queue);
            move |connection| {
                let mut batches = Batches::default();
                let run = |connection: &Connection, catalogue: &SharedCatalogue, jobs: Vec<Job>| {
                    batches.run(connection, catalogue, jobs);
                };
                write(connection, &queue, &catalogue, run);
            }
        })
        .map_err(|source| OpenError::Thread { source })?;
        Ok(Self { queue, worker })
    }

    /// Makes all of `changes` or none, together with whatever else waits.
    pub(crate) async fn apply(
        &self,
        changes: Vec<Change>,
        catalogue: Arc<SqlCatalogue>,
    ) -> Result<Applied, StorageError> {
        let steps = steps::of(&changes, &catalogue)?;
        self.make(steps, Some(Origin { changes, catalogue })).await
    }

    /// Makes steps that are the same whatever tables there are.
    pub(crate) async fn apply_steps(&self, steps: Vec<Step>) -> Result<Applied, StorageError> {
        self.make(steps, None).await
    }

    async fn make(
        &self,
        steps: Vec<Step>,
        origin: Option<Origin>,
    ) -> Result<Applied, StorageError> {
        let (reply, answer) = oneshot::channel();
        let steps = render::steps(steps);
        self.queue.push(Job {
            steps,
            origin,
            reply,
        })?;
        answer
            .await
            .map_err(|_| StorageError::unavailable(GaveUp))?
    }

    /// Takes no more jobs, makes those it has taken, and waits for the thread to end.
    pub(crate) async fn close(&self) {
        self.queue.close();
        self.worker.ended().await;
    }
}

impl Drop for Writer {
    /// Lets the thread go, which finishes what it has taken. It is not waited for: a drop must
    /// not block, least of all inside an async task.
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// The life of the writer's thread; `run` is [`Batches::run`], but in a test of panics.
fn write(
    connection: &Connection,
    queue: &Queue<Job>,
    catalogue: &SharedCatalogue,
    mut run: impl FnMut(&Connection, &SharedCatalogue, Vec<Job>),
) {
    let _abandon_at_end = AbandonAtEnd(queue);
    loop {
        let jobs = queue.take(JOBS_PER_BATCH);
        if jobs.is_empty() {
            return;
        }
        // The replies of a batch that panics are dropped, which its callers see as an error.
        let batch = AssertUnwindSafe(|| run(connection, catalogue, jobs));
        if catch_unwind(batch).is_err() {
            tracing::error!("a batch of writes panicked, it was rolled back");
            batch::give_up(connection, catalogue);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn empty_job(reply: oneshot::Sender<Result<Applied, StorageError>>) -> Job {
        Job {
            steps: Vec::new(),
            origin: None,
            reply,
        }
    }

    #[test]
    fn a_panic_is_an_error_of_its_batch_and_the_next_one_works() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::in_folder(folder.path());
        let folder = Arc::new(crate::folder::FolderLock::take(folder.path()).unwrap());
        let connection = crate::connection::for_writing(&options, &folder).unwrap();
        let catalogue = SharedCatalogue::new(SqlCatalogue::new(
            vestibule_model::Catalogue::default(),
            vestibule_sql::Dialect::Sqlite,
        ));
        let queue = &Queue::new(2);
        let (reply, lost) = oneshot::channel();
        queue.push(empty_job(reply)).unwrap();

        let panicked = &AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                write(
                    &connection,
                    queue,
                    &catalogue,
                    |connection, catalogue, jobs| {
                        if !panicked.swap(true, Ordering::Relaxed) {
                            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                            panic!("on purpose");
                        }
                        Batches::default().run(connection, catalogue, jobs);
                    },
                );
            });
            // Ends the thread, also when an assertion fails.
            let _abandon_at_end = AbandonAtEnd(queue);
            lost.blocking_recv().unwrap_err();
            let (reply, answer) = oneshot::channel();
            queue.push(empty_job(reply)).unwrap();
            assert_eq!(Applied::default(), answer.blocking_recv().unwrap().unwrap());
        });
    }
}
