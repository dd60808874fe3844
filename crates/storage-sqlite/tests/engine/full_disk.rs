use std::sync::Arc;

use tokio::task::JoinSet;
use vestibule_model::{TimerLease, Timestamp, User};
use vestibule_storage::{Change, Precondition, Storage, StorageError, Timers, Users};
use vestibule_storage_sqlite::{Sqlite, SqliteOptions};

use crate::samples::*;

/// A guest that takes up three pages.
fn large(name: &str) -> User {
    let mut user = guest(name);
    user.properties
        .insert("name".to_owned(), "x".repeat(10_000).into());
    user
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_that_was_acknowledged_and_keeps_nothing_that_was_not() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Sqlite::open(SqliteOptions {
        max_page_count: Some(100),
        ..options(folder.path())
    });
    let storage = Arc::new(storage.unwrap());
    let mut made = Vec::new();
    for number in 0..5 {
        let name = format!("EARLY{number}");
        storage.apply(vec![insert(large(&name))]).await.unwrap();
        made.push(id(&name));
    }
    let mut tasks = JoinSet::new();
    for number in 0..100 {
        let storage = Arc::clone(&storage);
        tasks.spawn(async move {
            let name = format!("G{number}");
            // The second change needs more space than the first.
            let changes = vec![
                insert(guest(&format!("{name}-SMALL"))),
                insert(large(&name)),
            ];
            (storage.apply(changes).await, name)
        });
    }
    let mut failed = Vec::new();
    for (result, name) in tasks.join_all().await {
        let both = [id(&name), id(&format!("{name}-SMALL"))];
        for id in &both {
            let found = storage.user(id).await.unwrap().is_some();
            assert_eq!(result.is_ok(), found, "{id}: {result:?}");
        }
        match result {
            Ok(_) => made.extend(both),
            Err(StorageError::Unavailable { .. }) => failed.push(name),
            Err(other) => panic!("{other}: {other:?}"),
        }
    }
    assert!(!failed.is_empty(), "the disk was too large for this test");
    for id in &made {
        assert!(storage.user(id).await.unwrap().is_some(), "{id} was lost");
    }

    // Space returns: what was removed makes room for what did not fit.
    let removals = made.into_iter().map(|id| Change::RemoveUser { id });
    storage.apply(removals.collect()).await.unwrap();
    for name in failed.iter().take(20) {
        storage.apply(vec![insert(large(name))]).await.unwrap();
        assert!(storage.user(&id(name)).await.unwrap().is_some());
    }
    storage.check().await.unwrap();
}

#[tokio::test]
async fn a_change_larger_than_the_disk_leaves_the_others_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Sqlite::open(SqliteOptions {
        max_page_count: Some(100),
        ..options(folder.path())
    })
    .unwrap();
    for round in 0..3 {
        let mut huge = guest("HUGE");
        huge.properties
            .insert("name".to_owned(), "x".repeat(1_000_000).into());
        let refused = storage.apply(vec![insert(huge)]).await;
        assert!(
            matches!(refused, Err(StorageError::Unavailable { .. })),
            "{refused:?}"
        );
        let name = format!("G{round}");
        storage.apply(vec![insert(guest(&name))]).await.unwrap();
    }
}

#[tokio::test]
async fn a_run_whose_end_does_not_fit_the_disk_can_be_ended_again() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Sqlite::open(SqliteOptions {
        max_page_count: Some(100),
        ..options(folder.path())
    })
    .unwrap();
    let timer = || "shop::clean".to_owned();
    let (due, next) = (Timestamp::from_millis(1), Timestamp::from_millis(2));
    let lease = TimerLease {
        holder: id("RUN"),
        since: due,
        until: next,
    };
    let changes = vec![
        Change::ScheduleTimer {
            path: timer(),
            schedule: "every 1h".to_owned(),
            due: Some(due),
        },
        Change::BeginTimer {
            path: timer(),
            lease,
        },
    ];
    storage.apply(changes).await.unwrap();
    let before = storage.timers().await.unwrap();
    let end = |error: String| {
        vec![
            Change::Require(Precondition::TimerIsDue { path: timer(), due }),
            Change::AdvanceTimer {
                path: timer(),
                next: Some(next),
                skipped: 1,
            },
            Change::EndTimer {
                path: timer(),
                holder: id("RUN"),
                at: next,
                error: Some(error),
            },
        ]
    };
    let refused = storage.apply(end("x".repeat(1_000_000))).await;
    assert!(
        matches!(refused, Err(StorageError::Unavailable { .. })),
        "{refused:?}"
    );
    assert_eq!(before, storage.timers().await.unwrap());

    storage.apply(end("no room".to_owned())).await.unwrap();
    let after = storage.timers().await.unwrap().remove(0);
    assert_eq!((Some(next), None), (after.due, after.lease));
    assert_eq!((1, 1, 1), (after.runs, after.failures, after.skipped));
}
