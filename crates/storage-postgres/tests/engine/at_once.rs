//! Servers that want the same at the same time: as if one had come after the other.

use std::sync::Arc;

use futures::future::join_all;
use vestibule_model::{ActivityTime, Column, ColumnType, Selector, Timestamp};
use vestibule_storage::{
    Applied, Change, Constraint, Expiry, GoneQuery, Guests, Precondition, Sessions, Storage,
    StorageError, Users,
};
use vestibule_storage_postgres::Postgres;

use crate::{database::Database, samples::*};

/// How often a race is run.
const ROUNDS: u8 = 20;

async fn two(database: &Database) -> [Arc<Postgres>; 2] {
    [server(database).await, server(database).await]
}

/// Both at once, each in a task of its own.
async fn at_once(
    servers: &[Arc<Postgres>; 2],
    changes: [Vec<Change>; 2],
) -> [Result<Applied, StorageError>; 2] {
    let [one, other] = changes;
    let (first, second) = (Arc::clone(&servers[0]), Arc::clone(&servers[1]));
    let one = tokio::spawn(async move { first.apply(one).await });
    let other = tokio::spawn(async move { second.apply(other).await });
    [one.await.unwrap(), other.await.unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_is_made_once_and_the_other_hears_that_there_is_one() {
    let database = Database::make().await;
    let servers = two(&database).await;
    let name = "Order".to_owned();
    servers[0]
        .apply(vec![Change::CreateTable { name }])
        .await
        .unwrap();
    for round in 0..ROUNDS {
        let add = || {
            vec![Change::AddColumn {
                table: "Order".to_owned(),
                column: Column::new(format!("column{round}"), ColumnType::Int),
            }]
        };
        let made = at_once(&servers, [add(), add()]).await;
        let conflicts = made.iter().filter_map(|made| made.as_ref().err());
        let conflicts: Vec<_> = conflicts.collect();
        assert!(
            matches!(
                *conflicts,
                [StorageError::Conflict {
                    constraint: Constraint::ColumnName { .. }
                }]
            ),
            "{conflicts:?}"
        );
    }
    let catalogue = servers[1].catalogue().await.unwrap();
    assert_eq!(
        4 + usize::from(ROUNDS),
        catalogue.table("Order").unwrap().columns.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_whose_last_two_sessions_end_at_once_is_gone() {
    let database = Database::make().await;
    let servers = two(&database).await;
    for round in 0..ROUNDS {
        let (user, one, other) = (format!("G{round}"), 2 * round, 2 * round + 1);
        let changes = vec![guest(&user), session(one, &user), session(other, &user)];
        servers[0].apply(changes).await.unwrap();
        let end = |n| vec![Change::EndSessions(vec![selector(n)])];
        for ended in at_once(&servers, [end(one), end(other)]).await {
            ended.unwrap();
        }
    }
    let query = GoneQuery {
        expiry: Expiry::default(),
        now: Timestamp::default(),
        after: None,
        limit: 1_000,
    };
    let gone = servers[1].gone_guests(&query).await.unwrap();
    assert_eq!(usize::from(ROUNDS), gone.guests.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_logins_where_one_session_is_allowed_one_is_refused() {
    let database = Database::make().await;
    let servers = two(&database).await;
    servers[0].apply(vec![guest("G")]).await.unwrap();
    let mut before: Vec<Selector> = Vec::new();
    for round in 0..ROUNDS {
        let login = |n| {
            vec![
                Change::Require(Precondition::SessionsAre(id("G"), before.clone())),
                session(n, "G"),
            ]
        };
        let made = at_once(&servers, [login(2 * round), login(2 * round + 1)]).await;
        let won = made.iter().filter(|made| made.is_ok()).count();
        assert_eq!(1, won, "{made:?}");
        let refused = made.iter().find_map(|made| made.as_ref().err()).unwrap();
        assert!(
            matches!(refused, StorageError::Refused { .. }),
            "{refused:?}"
        );
        let sessions = servers[0].sessions_of(&id("G")).await.unwrap();
        before = sessions.iter().map(|session| session.selector).collect();
        assert_eq!(usize::from(round) + 1, before.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failed_login_is_counted() {
    let database = Database::make().await;
    let servers = two(&database).await;
    servers[0].apply(vec![guest("G")]).await.unwrap();
    let count = |server: &Arc<Postgres>| {
        let server = Arc::clone(server);
        let change = Change::CountFailedLogin {
            user_id: id("G"),
            at: ActivityTime::from_millis(5),
            since: ActivityTime::from_millis(0),
        };
        async move { server.apply(vec![change]).await }
    };
    let counting = (0..40).map(|n| count(&servers[n % 2]));
    for counted in join_all(counting).await {
        counted.unwrap();
    }
    let account = servers[0].account(&id("G")).await.unwrap().unwrap();
    assert_eq!(40, account.failed_logins.count);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_purged_or_logs_in_again_but_never_both() {
    let database = Database::make().await;
    let servers = two(&database).await;
    for round in 0..ROUNDS {
        let user = format!("G{round}");
        servers[0].apply(vec![guest(&user)]).await.unwrap();
        let purge = vec![
            Change::Require(Precondition::GuestIsGone {
                id: id(&user),
                expiry: Expiry::default(),
                now: Timestamp::default(),
            }),
            Change::RemoveUser { id: id(&user) },
        ];
        let made = at_once(&servers, [purge, vec![session(round, &user)]]).await;
        let won = made.iter().filter(|made| made.is_ok()).count();
        assert_eq!(1, won, "{made:?}");
        let there = servers[1].user(&id(&user)).await.unwrap().is_some();
        let lives = servers[1]
            .session(&selector(round))
            .await
            .unwrap()
            .is_some();
        assert_eq!(there, lives);
        assert_eq!(made[1].is_ok(), lives);
    }
}
