use std::sync::Arc;

use vestibule_model::{Actor, AuditRecord, KeyKind, USERS};

use super::{Scratch, samples::*};
use crate::{Change, CountQuery, Visibility};

pub async fn a_reopened_database_has_everything(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let ann = registered("ANN", "ann@example.com");
    let record = AuditRecord {
        at: at(1),
        actor: Actor::Admin,
        action: "test".to_owned(),
        subject: None,
        caller: None,
    };
    let changes = vec![
        insert_with_password(&ann, hash(1)),
        Change::OpenSession(session(1, "ANN")),
        Change::CountFailedLogin {
            user_id: id("ANN"),
            at: active(3),
            since: active(0),
        },
        beat(5),
        Change::RecordStart(active(2)),
        Change::Audit(record.clone()),
        Change::PutAppId("app".to_owned()),
        Change::PutAdminTokenHash([1; 32]),
        Change::PutKey {
            kind: KeyKind::Js,
            key: "key".to_owned(),
        },
        Change::PutSettings(vec![("login.enabled".to_owned(), false.into())]),
    ];
    done(storage.apply(changes).await);
    let catalogue = done(storage.catalogue().await);
    storage.close().await;
    drop(storage);

    let storage = scratch.open().await;
    let account = done(storage.account_by_identity("ANN@example.com").await).unwrap();
    assert_eq!(ann, account.user);
    assert_eq!(Some(hash(1)), account.password);
    assert_eq!(1, account.failed_logins.count);
    let stored = done(storage.session(&selector(1)).await).unwrap();
    assert_eq!(session(1, "ANN"), stored.session);
    let history = done(storage.activity_history().await);
    assert_eq!(
        (active(5), vec![active(2)]),
        (history.heartbeat, history.starts)
    );
    assert_eq!(vec![record], done(storage.audit(0, 10).await));
    let app = done(storage.app().await).unwrap();
    assert_eq!(
        ("app", Some("key")),
        (app.id.as_str(), app.key(KeyKind::Js))
    );
    assert_eq!(1, done(storage.settings().await).len());
    assert_eq!(catalogue, done(storage.catalogue().await));
}

pub async fn a_closed_database_is_unavailable(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    storage.close().await;
    assert_unavailable(storage.apply(vec![insert(&guest("G"))]).await);
    assert_unavailable(storage.user(&id("G")).await);
    assert_unavailable(storage.session(&selector(1)).await);
    assert_unavailable(storage.app().await);
    assert_unavailable(storage.audit(0, 1).await);
    assert_unavailable(storage.check().await);
}

pub async fn closing_twice_is_as_good_as_once(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    tokio::join!(storage.close(), storage.close());
    storage.close().await;
}

pub async fn what_was_accepted_before_closing_is_made(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let accepted = (0..100).map(|number| {
        let storage = Arc::clone(&storage);
        async move {
            let result = storage
                .apply(vec![insert(&guest(&format!("G{number}")))])
                .await;
            result.is_ok()
        }
    });
    let mut tasks: tokio::task::JoinSet<bool> = accepted.collect();
    let first = tasks.join_next().await.unwrap().unwrap();
    storage.close().await;
    let others = tasks.join_all().await;
    let acknowledged = others
        .into_iter()
        .chain([first])
        .filter(|made| *made)
        .count();
    drop(storage);

    let storage = scratch.open().await;
    let everybody = CountQuery {
        table: USERS.to_owned(),
        condition: None,
        distinct: Vec::new(),
        visibility: Visibility::Everything,
    };
    let found = done(storage.count(&everybody).await);
    assert_eq!(acknowledged as u64, found, "made without a word, or lost");
}

pub async fn a_healthy_database_says_so(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.check().await);
    let history = done(storage.activity_history().await);
    assert_eq!(active(0), history.heartbeat, "a check changes nothing");
}
