//! A database that goes away, hangs, or has no room.

use std::{sync::Arc, time::Duration};

use tokio_postgres::{Client, Transaction};
use vestibule_model::SystemClock;
use vestibule_storage::{Change, Sessions, Storage, StorageError, Users};
use vestibule_storage_postgres::{Postgres, PostgresOptions};

use crate::{database::Database, samples::*};

/// A server with one connection, and not much patience.
async fn impatient(database: &Database) -> Arc<Postgres> {
    let options = PostgresOptions {
        connections: 1,
        queue_capacity: 2,
        statement_timeout: Duration::from_secs(2),
        lock_timeout: Duration::from_millis(200),
        connect_timeout: Duration::from_millis(500),
        ..database.options()
    };
    let clock = Arc::new(SystemClock::start());
    Arc::new(Postgres::open(options, clock).await.unwrap())
}

/// Keeps everybody else from the users until it is rolled back.
async fn lock_users(tool: &mut Client) -> Transaction<'_> {
    let locked = tool.transaction().await.unwrap();
    let lock = r#"LOCK TABLE "Users" IN ACCESS EXCLUSIVE MODE"#;
    locked.batch_execute(lock).await.unwrap();
    locked
}

fn remove(name: &str) -> Vec<Change> {
    vec![Change::RemoveUser { id: id(name) }]
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_cut_are_errors_of_their_calls_and_the_next_ones_work() {
    let database = Database::make().await;
    let server = server(&database).await;
    server.apply(vec![guest("G")]).await.unwrap();
    let mut tool = database.tool().await;
    let locked = lock_users(&mut tool).await;
    let in_flight = tokio::spawn({
        let server = Arc::clone(&server);
        async move { server.user(&id("G")).await }
    });
    // Within a transaction, what others do is told once and for all.
    let beside = database.tool().await;
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'vestibule' \
               AND wait_event_type = 'Lock'";
    soon(async || {
        let count: i64 = beside.query_one(cut, &[]).await.unwrap().get(0);
        (count > 0).then_some(())
    })
    .await;
    let lost = in_flight.await.unwrap();
    assert!(
        matches!(lost, Err(StorageError::Unavailable { .. })),
        "{lost:?}"
    );
    locked.rollback().await.unwrap();
    assert!(server.user(&id("G")).await.unwrap().is_some());
    server.apply(vec![session(1, "G")]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_somebody_else_is_waited_for_a_while_and_then_the_caller_is_turned_away() {
    let database = Database::make().await;
    let server = impatient(&database).await;
    server.apply(vec![guest("G")]).await.unwrap();
    let mut tool = database.tool().await;
    let locked = lock_users(&mut tool).await;
    let busy = server.apply(remove("G")).await;
    assert!(matches!(busy, Err(StorageError::Busy)), "{busy:?}");
    locked.rollback().await.unwrap();
    server.apply(remove("G")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_too_many_wait_the_next_is_turned_away_at_once() {
    let database = Database::make().await;
    let server = impatient(&database).await;
    server.apply(vec![guest("G")]).await.unwrap();
    let mut tool = database.tool().await;
    let locked = lock_users(&mut tool).await;
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let server = Arc::clone(&server);
            tokio::spawn(async move { server.user(&id("G")).await })
        })
        .collect();
    let mut busy = 0;
    for call in waiting {
        let refused = call.await.unwrap();
        busy += u32::from(matches!(refused, Err(StorageError::Busy)));
        assert!(refused.is_err(), "{refused:?}");
    }
    assert!(busy >= 6, "{busy}");
    locked.rollback().await.unwrap();
    assert!(server.user(&id("G")).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_waits_for_any_more_leaves_nothing_open() {
    let database = Database::make().await;
    let server = impatient(&database).await;
    server.apply(vec![guest("G")]).await.unwrap();
    let mut tool = database.tool().await;
    let locked = tool.transaction().await.unwrap();
    locked
        .batch_execute(r#"SELECT 1 FROM "Users" FOR UPDATE"#)
        .await
        .unwrap();
    let dropped = server.apply(remove("G"));
    let given_up = within(Duration::from_millis(50), dropped).await;
    assert!(given_up.is_none());
    // Its connection was the only one.
    assert!(server.session(&selector(1)).await.unwrap().is_none());
    locked.rollback().await.unwrap();
    drop(tool);
    let tool = database.tool().await;
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND state LIKE 'idle in transaction%'";
    soon(async || {
        let count: i64 = tool.query_one(open, &[]).await.unwrap().get(0);
        (count == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_takes_too_long_is_broken_off() {
    let database = Database::make().await;
    let options = PostgresOptions {
        statement_timeout: Duration::from_millis(200),
        lock_timeout: Duration::from_secs(5),
        ..database.options()
    };
    let clock = Arc::new(SystemClock::start());
    let server = Postgres::open(options, clock).await.unwrap();
    let mut tool = database.tool().await;
    let locked = lock_users(&mut tool).await;
    let long = server.user(&id("G")).await;
    assert!(matches!(long, Err(StorageError::TooExpensive)), "{long:?}");
    locked.rollback().await.unwrap();
    assert!(server.user(&id("G")).await.unwrap().is_none());
}
