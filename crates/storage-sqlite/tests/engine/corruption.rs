//! Rows that somebody spoiled with other tools.

use vestibule_model::Selector;
use vestibule_storage::{Apps, Change, Sessions, Storage, StorageError, Timers, Users};

use crate::samples::*;

#[track_caller]
fn assert_corrupt<T: std::fmt::Debug>(
    expected: (&str, &str, &str),
    result: Result<T, StorageError>,
) {
    match result {
        Err(StorageError::Corrupt { table, column, row }) => {
            assert_eq!(expected, (&*table, &*column, &*row));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_impossible_value_is_reported_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let changes = vec![insert(guest("G")), open_session(1, "G")];
    storage.apply(changes).await.unwrap();
    let tool = tool(folder.path());

    tool.execute_batch(r#"UPDATE "Users" SET "userStatus" = 'BANISHED'"#)
        .unwrap();
    assert_corrupt(("Users", "userStatus", "G"), storage.user(&id("G")).await);
    let session = storage.session(&Selector::from_bytes([1; 16])).await;
    assert_corrupt(("Users", "userStatus", "G"), session);

    tool.execute_batch(r#"UPDATE "Users" SET "userStatus" = 'GUEST', "oAuthIdentities" = '{'"#)
        .unwrap();
    assert_corrupt(
        ("Users", "oAuthIdentities", "G"),
        storage.account(&id("G")).await,
    );

    tool.execute_batch(r#"UPDATE "Users" SET "oAuthIdentities" = NULL, "created" = 'yesterday'"#)
        .unwrap();
    assert_corrupt(("Users", "created", "G"), storage.user(&id("G")).await);

    tool.execute_batch("UPDATE vestibule_session SET verifier_hash = x'00'")
        .unwrap();
    let selector = Selector::from_bytes([1; 16]);
    assert_corrupt(
        (
            "vestibule_session",
            "verifier_hash",
            &format!("{selector:?}"),
        ),
        storage.sessions_of(&id("G")).await,
    );
}

#[tokio::test]
async fn an_impossible_key_or_setting_is_reported_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let tool = tool(folder.path());
    tool.execute_batch(
        "INSERT INTO vestibule_app (id, app_id, admin_token_hash) VALUES (1, 'app', x'00');
         INSERT INTO vestibule_setting (key, value) VALUES ('login.enabled', 'yes')",
    )
    .unwrap();
    assert_corrupt(
        ("vestibule_app", "admin_token_hash", "unknown"),
        storage.app().await,
    );
    assert_corrupt(
        ("vestibule_setting", "value", "login.enabled"),
        storage.settings().await,
    );
    tool.execute_batch(
        "UPDATE vestibule_app SET admin_token_hash = zeroblob(32);
         INSERT INTO vestibule_key (kind, text) VALUES ('SKELETON', 'key')",
    )
    .unwrap();
    assert_corrupt(("vestibule_key", "kind", "SKELETON"), storage.app().await);
}

#[tokio::test]
async fn an_impossible_timer_is_reported_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let schedule = Change::ScheduleTimer {
        path: "shop::clean".to_owned(),
        schedule: "every 1h".to_owned(),
        due: None,
    };
    storage.apply(vec![schedule]).await.unwrap();
    let tool = tool(folder.path());
    for (column, spoiled) in [
        ("lease_holder", "lease_holder = 'RUN', lease_since = 1"),
        ("lease_holder", "lease_until = 1"),
        ("last_began", "last_began = 1"),
        ("last_began", "last_error = 'no'"),
        ("is_enabled", "is_enabled = 2"),
        ("runs", "runs = -1"),
        ("skipped", "skipped = -1"),
    ] {
        let spoil = format!("UPDATE vestibule_timer SET {spoiled}");
        tool.execute_batch(&spoil).unwrap();
        let expected = ("vestibule_timer", column, "shop::clean");
        assert_corrupt(expected, storage.timers().await);
        tool.execute_batch(
            "UPDATE vestibule_timer SET is_enabled = 1, runs = 0, skipped = 0,
                 lease_holder = NULL, lease_since = NULL, lease_until = NULL,
                 last_began = NULL, last_error = NULL",
        )
        .unwrap();
        assert_eq!(1, storage.timers().await.unwrap().len());
    }
}
