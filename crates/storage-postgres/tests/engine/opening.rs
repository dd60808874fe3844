//! Opening, and what is said when it does not work.

use std::sync::Arc;

use futures::future::join_all;
use vestibule_model::SystemClock;
use vestibule_storage::{Storage, StorageError};
use vestibule_storage_postgres::{OpenError, Postgres, PostgresOptions};

use crate::{database::Database, samples::*};

async fn refused(options: PostgresOptions) -> OpenError {
    let clock = Arc::new(SystemClock::start());
    match Postgres::open(options, clock).await {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_servers_that_start_at_once_one_makes_the_tables_and_the_others_wait() {
    let database = Database::make().await;
    let servers = join_all((0..4).map(|_| server(&database))).await;
    for server in servers {
        server.check().await.unwrap();
    }
    let tool = database.tool().await;
    let count = "SELECT count(*) FROM vestibule_migration";
    let migrations: i64 = tool.query_one(count, &[]).await.unwrap().get(0);
    assert_eq!(1, migrations);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_from_the_future_is_refused_and_left_as_it_is() {
    let database = Database::make().await;
    server(&database).await.close().await;
    let tool = database.tool().await;
    let future = "INSERT INTO vestibule_migration (version, name, applied_on, checksum) \
                  VALUES (4711, 'future', '2026-01-01T00:00:00Z', '1')";
    tool.batch_execute(future).await.unwrap();
    let error = refused(database.options()).await;
    let text = error.to_string();
    assert!(
        text.contains("has version 4711, and this build knows versions up to"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_goes_on_while_a_newer_one_adds_to_the_tables() {
    let database = Database::make().await;
    let old = server(&database).await;
    old.apply(vec![guest("G"), session(1, "G")]).await.unwrap();
    let tool = database.tool().await;
    let newer = r#"
        ALTER TABLE vestibule_session ADD COLUMN device text;
        ALTER TABLE vestibule_setting ADD COLUMN since bigint NOT NULL DEFAULT 0;
        CREATE TABLE vestibule_device (name text);
        INSERT INTO vestibule_migration (version, name, applied_on, checksum)
            VALUES (4711, 'devices', '2026-01-01T00:00:00Z', '1')"#;
    tool.batch_execute(newer).await.unwrap();
    let setting = ("guests.sweepSeconds".to_owned(), 7.into());
    let change = vestibule_storage::Change::PutSettings(vec![setting]);
    old.apply(vec![guest("H"), session(2, "H"), change])
        .await
        .unwrap();
    for n in [1, 2] {
        use vestibule_storage::Sessions;
        assert!(old.session(&selector(n)).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_connect_hears_what_to_look_at_and_no_password() {
    let nowhere = PostgresOptions {
        password: Some("s3cret".to_owned()),
        ..PostgresOptions::at("postgres://vestibule@127.0.0.1:1/app")
    };
    let text = refused(nowhere.clone()).await.to_string();
    assert!(
        text.contains("app on 127.0.0.1 cannot be reached"),
        "{text}"
    );
    assert!(text.contains("refused"), "{text}");
    let all = format!("{text} {nowhere:?}");
    assert!(
        !all.contains("s3cret") && !all.contains("vestibule@"),
        "{all}"
    );
    let text = refused(PostgresOptions::at("postgres://me:s3cret@h@ost:x/")).await;
    let text = format!("{text} {text:?}");
    assert!(
        text.contains("postgres://USER@HOST:PORT/DATABASE"),
        "{text}"
    );
    assert!(!text.contains("s3cret"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_has_no_tls_or_a_certificate_of_its_own_is_refused_where_tls_is_asked_for()
{
    let database = Database::make().await;
    let mut options = database.options();
    options.url.push_str("?sslmode=require");
    let text = refused(options).await.to_string();
    let advice = ["?sslmode=disable", "--database-ca-file"];
    assert!(advice.iter().any(|advice| text.contains(advice)), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_certificates_is_refused() {
    let mut options = PostgresOptions::at("postgres://localhost");
    options.ca_file = Some("Cargo.toml".into());
    let text = refused(options).await.to_string();
    assert!(text.contains("there is no certificate in it"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_database_is_unavailable_and_its_news_end() {
    use vestibule_storage::Neighbours;
    let database = Database::make().await;
    let server = server(&database).await;
    server.close().await;
    assert_eq!(None, server.news().await);
    let refused = server.apply(vec![guest("G")]).await;
    assert!(
        matches!(refused, Err(StorageError::Unavailable { .. })),
        "{refused:?}"
    );
}
