use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use rusqlite::{Connection, params_from_iter};
use tokio::sync::oneshot;
use vestibule_sql::{Decoder, Query, SqlCatalogue};
use vestibule_storage::StorageError;

use crate::{
    OpenError, SqliteOptions, catalogue, connection,
    error::{self, GaveUp},
    folder::FolderLock,
    prepare::prepare,
    queue::Queue,
    render::{self, Rendered},
    row::SqliteRow,
    work::{self, Allowance},
    worker::Worker,
};

/// A read, with the reply to its caller inside.
type Read = Box<dyn FnOnce(&Connection) + Send>;

/// The threads that read, each with a connection of its own and one queue before them all.
///
/// A read is one statement, so it is one snapshot, and the statement is reset before the next one
/// begins: no reader keeps the log of changes from being written back.
pub(crate) struct Readers {
    queue: Arc<Queue<Read>>,
    workers: Vec<Worker>,
    /// How much a read may be.
    allowance: Allowance,
}

impl Readers {
    pub(crate) fn start(
        options: &SqliteOptions,
        folder: &Arc<FolderLock>,
    ) -> Result<Self, OpenError> {
        // Made first, so that the threads that did start end when one does not.
        let mut readers = Self {
            queue: Arc::new(Queue::new(options.queue_capacity)),
            workers: Vec::new(),
            allowance: Allowance {
                instructions: options.read_instructions,
                time: options.read_time,
                bytes: options.read_bytes,
            },
        };
        for number in 0..options.readers.max(1) {
            let connection =
                connection::for_reading(options, folder).map_err(|source| OpenError::Database {
                    file: options.database_file(),
                    source: source.into(),
                })?;
            let queue = Arc::clone(&readers.queue);
            let name = format!("vestibule-reader-{number}");
            let worker = Worker::start(name, connection, move |connection| {
                read(connection, &queue);
            })
            .map_err(|source| OpenError::Thread { source })?;
            readers.workers.push(worker);
        }
        Ok(readers)
    }

    /// All rows that the query answers.
    pub(crate) async fn all<T: Send + 'static>(
        &self,
        query: Query<T>,
    ) -> Result<Vec<T>, StorageError> {
        self.ask(query, all).await
    }

    /// The first row that the query answers, if it answers any.
    pub(crate) async fn first<T: Send + 'static>(
        &self,
        query: Query<T>,
    ) -> Result<Option<T>, StorageError> {
        self.ask(query, first).await
    }

    /// The catalogue as it stands in the database.
    pub(crate) async fn catalogue(&self) -> Result<Arc<SqlCatalogue>, StorageError> {
        let catalogue = self.run(catalogue::load).await?;
        Ok(Arc::new(catalogue))
    }

    /// Takes no more reads, makes those it has taken, and waits for the threads to end.
    pub(crate) async fn close(&self) {
        self.queue.close();
        for worker in &self.workers {
            worker.ended().await;
        }
    }

    async fn ask<T: 'static, A: Send + 'static>(
        &self,
        query: Query<T>,
        read: fn(&Connection, &Rendered, &Decoder<T>) -> Result<A, StorageError>,
    ) -> Result<A, StorageError> {
        let rendered = render::statement(query.statement);
        let decoder = query.decoder;
        self.run(move |connection| read(connection, &rendered, &decoder))
            .await
    }

    /// What comes of this on the connection of a reader.
    async fn run<A: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<A, StorageError> + Send + 'static,
    ) -> Result<A, StorageError> {
        let allowance = self.allowance;
        let (reply, answer) = oneshot::channel();
        self.queue.push(Box::new(move |connection: &Connection| {
            if reply.is_closed() {
                return;
            }
            work::allow(allowance);
            // Whoever does not wait for the answer any more does not want to know.
            let _ = reply.send(read(connection));
        }))?;
        answer
            .await
            .map_err(|_| StorageError::unavailable(GaveUp))?
    }
}

impl Drop for Readers {
    /// Lets the threads go, which finish what they have taken; they are not waited for.
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// All rows that the query answers.
pub(crate) fn all<T>(
    connection: &Connection,
    query: &Rendered,
    decoder: &Decoder<T>,
) -> Result<Vec<T>, StorageError> {
    rows(connection, query, decoder, usize::MAX)
}

fn first<T>(
    connection: &Connection,
    query: &Rendered,
    decoder: &Decoder<T>,
) -> Result<Option<T>, StorageError> {
    rows(connection, query, decoder, 1).map(|mut rows| rows.pop())
}

fn rows<T>(
    connection: &Connection,
    query: &Rendered,
    decoder: &Decoder<T>,
    most: usize,
) -> Result<Vec<T>, StorageError> {
    let mut statement = prepare(connection, &query.sql).map_err(error::of_read)?;
    let mut rows = statement
        .query(params_from_iter(&query.values.0))
        .map_err(error::of_read)?;
    let mut decoded = Vec::new();
    while decoded.len() < most
        && let Some(row) = rows.next().map_err(error::of_read)?
    {
        let row = SqliteRow::new(row);
        decoded.push(decoder(&row)?);
        if !work::answer(row.bytes_read()) {
            return Err(StorageError::TooExpensive);
        }
    }
    Ok(decoded)
}

/// The life of a reader's thread.
fn read(connection: &Connection, queue: &Queue<Read>) {
    loop {
        // Where every processor is at work, those who ask are about to ask more. To let them do so first
        // costs less than to sleep and be woken for each read.
        if queue.is_empty() {
            thread::yield_now();
        }
        // One at a time: the rest is for the other readers.
        let Some(read) = queue.take(1).pop() else {
            return;
        };
        // The reply of a read that panics is dropped, which its caller sees as an error.
        if catch_unwind(AssertUnwindSafe(|| read(connection))).is_err() {
            tracing::error!("a read panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use vestibule_sql::sessions;

    use super::*;

    /// One reader with a queue for one read.
    fn one_reader() -> (tempfile::TempDir, Readers) {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions {
            readers: 1,
            queue_capacity: 1,
            ..SqliteOptions::in_folder(folder.path())
        };
        let lock = Arc::new(FolderLock::take(folder.path()).unwrap());
        let mut writer = connection::for_writing(&options, &lock).unwrap();
        crate::migrations::run(&mut writer, &options).unwrap();
        let readers = Readers::start(&options, &lock).unwrap();
        (folder, readers)
    }

    #[tokio::test]
    async fn a_full_queue_answers_busy_at_once() {
        let (_folder, readers) = one_reader();
        let (started, has_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let slow = Box::new(move |_: &Connection| {
            started.send(()).unwrap();
            may_go_on.recv().unwrap();
        });
        assert!(readers.queue.push(slow).is_ok());
        has_started.recv().unwrap();
        assert!(readers.queue.push(Box::new(|_| {})).is_ok());

        let busy = readers.all(sessions::heartbeat_and_starts()).await;
        assert!(matches!(busy, Err(StorageError::Busy)), "{busy:?}");
        go_on.send(()).unwrap();
        readers.close().await;
    }

    #[tokio::test]
    async fn a_panic_is_an_error_of_its_read_and_the_next_one_works() {
        let (_folder, readers) = one_reader();
        let mut query = sessions::heartbeat_and_starts();
        query.decoder = Box::new(|_| panic!("on purpose"));
        let lost = readers.all(query).await;
        assert!(
            matches!(lost, Err(StorageError::Unavailable { .. })),
            "{lost:?}"
        );
        let rows = readers.all(sessions::heartbeat_and_starts()).await;
        assert_eq!(1, rows.unwrap().len());
    }
}
