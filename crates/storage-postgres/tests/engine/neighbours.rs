//! What servers hear of each other.

use std::{sync::Arc, time::Duration};

use vestibule_model::{
    Access, Clock, Column, ColumnType, Grantee, Monotonic, PermissionOperation, Properties,
    RecordPermission, Sleep, SystemClock, Timestamp,
};
use vestibule_storage::{Change, Neighbours, NewRecord, News, Precondition, Storage};
use vestibule_storage_postgres::Postgres;

use crate::{database::Database, samples::*};

/// Two servers that hear each other, each past the news that it may have missed at its start.
async fn two(database: &Database) -> [Arc<Postgres>; 2] {
    let servers = [server(database).await, server(database).await];
    for server in &servers {
        assert_eq!(News::missed(), next(server).await);
        hears(server).await;
    }
    servers
}

async fn next(server: &Postgres) -> News {
    let news = within(SOON, server.news()).await;
    news.expect("news come soon").unwrap()
}

/// Waits for it, with somebody asking for news all the while, as a server has.
async fn hears(server: &Postgres) {
    tokio::select! {
        news = server.news() => panic!("{news:?}"),
        () = soon(async || server.hears().then_some(())) => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_ends_the_other_hears_and_itself_does_not() {
    let database = Database::make().await;
    let [one, other] = two(&database).await;
    one.apply(vec![guest("G"), session(1, "G")]).await.unwrap();
    let end = vec![Change::EndSessionsOf {
        user_id: id("G"),
        except: None,
    }];
    one.apply(end).await.unwrap();
    let expected = News {
        sessions: vec![selector(1)],
        ..News::default()
    };
    // The guest login before was none.
    assert_eq!(expected, next(&other).await);
    other
        .apply(vec![Change::PutSettings(vec![])])
        .await
        .unwrap();
    let expected = News {
        settings: true,
        ..News::default()
    };
    assert_eq!(expected, next(&one).await, "and nothing of its own before");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_no_news() {
    let database = Database::make().await;
    let [one, other] = two(&database).await;
    let refused = vec![
        Change::PutSettings(vec![]),
        Change::Require(Precondition::UserExists(id("NOBODY"))),
    ];
    one.apply(refused).await.unwrap_err();
    one.apply(vec![Change::PutAppId("app".to_owned())])
        .await
        .unwrap();
    let news = next(&other).await;
    assert!(news.app && !news.settings, "{news:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_listening_was_cut_knows_that_it_is_deaf_and_hears_again() {
    let database = Database::make().await;
    let [one, _] = two(&database).await;
    let tool = database.tool().await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'vestibule-listener'";
    tool.batch_execute(cut).await.unwrap();
    soon(async || (!one.hears()).then_some(())).await;
    assert_eq!(News::missed(), next(&one).await);
    assert!(!one.hears(), "whoever was told has not followed yet");
    hears(&one).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_one_server_makes_the_other_knows() {
    let database = Database::make().await;
    let [one, other] = two(&database).await;
    let name = "Order".to_owned();
    one.apply(vec![Change::CreateTable { name }]).await.unwrap();
    assert!(next(&other).await.schema);
    let catalogue = other.catalogue().await.unwrap();
    assert!(catalogue.table("Order").is_some());
    // Whoever writes does not wait for news.
    let add = Change::AddColumn {
        table: "Order".to_owned(),
        column: Column::new("total", ColumnType::Int),
    };
    other.apply(vec![add]).await.unwrap();
    let drop = Change::DropColumn {
        table: "Order".to_owned(),
        column: "total".to_owned(),
    };
    one.apply(vec![drop]).await.unwrap();
    let catalogue = one.catalogue().await.unwrap();
    assert!(catalogue.table("Order").unwrap().column("total").is_none());
}

/// The clock of a machine that nobody has set.
struct Wrong(SystemClock);

const AHEAD: Duration = Duration::from_secs(120);

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        self.0.now().plus(AHEAD)
    }

    fn monotonic(&self) -> Monotonic {
        self.0.monotonic()
    }

    fn sleep_until(&self, at: Monotonic) -> Sleep {
        self.0.sleep_until(at)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_whose_clocks_disagree_agree_in_the_databases() {
    let database = Database::make().await;
    let right = SystemClock::start();
    let wrong = Arc::new(Wrong(SystemClock::start()));
    let server = Postgres::open(database.options(), Arc::clone(&wrong) as _).await;
    let clock = server.as_ref().unwrap().clock(wrong);
    let second = Duration::from_secs(1);
    let off = || {
        let (here, there) = (right.now(), clock.now());
        here.since(there).max(there.since(here))
    };
    soon(async || (off() < second).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_permission_on_a_record_is_told_with_the_tables_as_they_are_then() {
    let database = Database::make().await;
    let [one, other] = two(&database).await;
    let table = || "Order".to_owned();
    let order = NewRecord {
        table: table(),
        id: id("O"),
        owner_id: None,
        at: at(1),
        properties: Properties::new(),
    };
    let made = vec![
        Change::CreateTable { name: table() },
        Change::InsertRecord(order),
    ];
    one.apply(made).await.unwrap();
    assert!(next(&other).await.schema);
    let granted = Change::PutRecordPermission {
        table: table(),
        id: id("O"),
        permission: RecordPermission {
            operation: PermissionOperation::Find,
            grantee: Grantee::User(id("G")),
            access: Access::Grant,
        },
    };
    one.apply(vec![granted]).await.unwrap();
    assert!(next(&other).await.record_permissions.contains("Order"));
    let catalogue = other.catalogue().await.unwrap();
    assert!(catalogue.table("Order").unwrap().record_permissions);
}
