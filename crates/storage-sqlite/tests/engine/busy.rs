use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use vestibule_storage::{Storage, StorageError, Users};
use vestibule_storage_sqlite::{Sqlite, SqliteOptions};

use crate::samples::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_answers_busy_at_once_and_keeps_what_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Arc::new(
        Sqlite::open(SqliteOptions {
            queue_capacity: 2,
            lock_timeout: Duration::from_secs(60),
            ..options(folder.path())
        })
        .unwrap(),
    );
    let tool = tool(folder.path());
    tool.execute_batch("BEGIN IMMEDIATE").unwrap();

    let mut tasks = JoinSet::new();
    for number in 0..10 {
        let storage = Arc::clone(&storage);
        tasks.spawn(async move {
            let name = format!("G{number}");
            (storage.apply(vec![insert(guest(&name))]).await, name)
        });
    }
    // The writer has taken two at most and two wait. The rest is answered while it cannot write.
    let mut results = Vec::new();
    while results.len() < 6 {
        let (result, name) = tasks.join_next().await.unwrap().unwrap();
        assert!(matches!(result, Err(StorageError::Busy)), "{result:?}");
        results.push((result, name));
    }
    tool.execute_batch("COMMIT").unwrap();
    results.extend(tasks.join_all().await);

    for (result, name) in results {
        let made = storage.user(&id(&name)).await.unwrap().is_some();
        match result {
            Ok(_) => assert!(made, "{name} was acknowledged and is not there"),
            Err(StorageError::Busy) => assert!(!made, "{name} was turned away and is there"),
            Err(other) => panic!("{other}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_is_never_released_is_waited_for_with_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Sqlite::open(SqliteOptions {
        lock_timeout: Duration::from_millis(20),
        ..options(folder.path())
    })
    .unwrap();
    let tool = tool(folder.path());
    tool.execute_batch("BEGIN IMMEDIATE").unwrap();

    let refused = storage.apply(vec![insert(guest("G"))]).await;
    assert!(
        matches!(refused, Err(StorageError::Unavailable { .. })),
        "{refused:?}"
    );
    assert!(storage.check().await.is_err());
    assert_eq!(None, storage.user(&id("G")).await.unwrap(), "reads go on");

    tool.execute_batch("COMMIT").unwrap();
    storage.check().await.unwrap();
    storage.apply(vec![insert(guest("G"))]).await.unwrap();
}
