use serde_json::json;
use vestibule_model::{UserStatus, Value};

use super::{Scratch, samples::*};
use crate::{Change, FailedLogins};

pub async fn a_user_is_read_as_it_was_made(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut ann = registered("ANN", "ann@example.com");
    ann.updated = Some(at(1));
    ann.last_login = Some(at(2));
    ann.status = UserStatus::EmailConfirmationPending;
    for (name, value) in [
        ("name", "Ann"),
        ("blUserLocale", "en"),
        ("accountType", "BACKENDLESS"),
        ("socialAccount", "BACKENDLESS"),
    ] {
        ann.properties.insert(name.to_owned(), value.into());
    }
    done(
        storage
            .apply(vec![insert_with_password(&ann, hash(1))])
            .await,
    );

    assert_eq!(Some(ann.clone()), user(&*storage, "ANN").await);
    let by_id = done(storage.account(ann.id()).await).unwrap();
    let by_identity = done(storage.account_by_identity("ann@example.com").await).unwrap();
    for account in [by_id, by_identity] {
        assert_eq!(ann, account.user);
        assert_eq!(Some(hash(1)), account.password);
        assert_eq!(FailedLogins::default(), account.failed_logins);
    }
}

pub async fn a_guest_has_every_property_and_each_is_null(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut bare = guest("G");
    bare.properties.clear();
    done(storage.apply(vec![insert(&bare)]).await);

    assert_eq!(Some(guest("G")), user(&*storage, "G").await);
    let account = done(storage.account(bare.id()).await).unwrap();
    assert_eq!(guest("G"), account.user);
    assert_eq!(None, account.password);
}

pub async fn nobody_is_found_where_nobody_is(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);

    assert_eq!(None, user(&*storage, "H").await);
    assert_eq!(None, user(&*storage, "g").await, "ids are not identities");
    assert!(done(storage.account(&id("H")).await).is_none());
    assert!(done(storage.account_by_identity("h@example.com").await).is_none());
    assert!(done(storage.account_by_identity("").await).is_none());
}

pub async fn texts_of_every_script_survive(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    for (number, text) in [
        "",
        "Zoë",
        "Ωμέγα",
        "张伟",
        "علي",
        "🦊👩‍👩‍👧",
        "e\u{301} is not é",
        "'; DROP TABLE \"Users\"; --",
        "\" ? $1 :a @b",
        "line\nbreak\ttab\\",
    ]
    .into_iter()
    .enumerate()
    {
        let mut somebody = guest(&format!("G{number}"));
        somebody.properties.insert("name".to_owned(), text.into());
        done(storage.apply(vec![insert(&somebody)]).await);
        let read = user(&*storage, somebody.id().as_str()).await.unwrap();
        assert_eq!(Some(text), read.name());
    }
    let long = "ü".repeat(100_000);
    let change = update("G0", [("name", long.as_str().into())]);
    done(storage.apply(vec![Change::UpdateUser(change)]).await);
    let read = user(&*storage, "G0").await.unwrap();
    assert!(read.name() == Some(&long), "a long text came back changed");
}

pub async fn documents_survive(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);
    for document in [
        Value::Json(json!({"google": {"id": "1", "scopes": ["a", "ü"], "at": 1.5, "no": null}})),
        Value::Json(json!([1, "two", {}])),
        Value::from("a text"),
        Value::from(7),
        Value::from(i64::MAX),
        Value::from(0.1),
        Value::from(1e300),
        Value::from(true),
        Value::Null,
    ] {
        let change = update("G", [("oAuthIdentities", document.clone())]);
        done(storage.apply(vec![Change::UpdateUser(change)]).await);
        let read = user(&*storage, "G").await.unwrap();
        assert_eq!(document, read.properties["oAuthIdentities"]);
    }
}

pub async fn a_user_need_not_own_itself(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut owned = guest("OWNED");
    owned.owner_id = Some(id("SOMEBODY"));
    let mut nobodys = guest("NOBODYS");
    nobodys.owner_id = None;
    done(storage.apply(vec![insert(&owned), insert(&nobodys)]).await);

    assert_eq!(Some(owned), user(&*storage, "OWNED").await);
    assert_eq!(Some(nobodys), user(&*storage, "NOBODYS").await);
}

pub async fn a_removed_user_takes_its_sessions_along(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = vec![
        insert(&guest("G")),
        insert(&guest("OTHER")),
        Change::OpenSession(session(3, "G")),
        Change::OpenSession(session(1, "G")),
        Change::OpenSession(session(2, "OTHER")),
    ];
    done(storage.apply(changes).await);
    let removed = done(
        storage
            .apply(vec![Change::RemoveUser { id: id("G") }])
            .await,
    );

    assert_eq!(vec![selector(1), selector(3)], removed.ended);
    assert_eq!(None, user(&*storage, "G").await);
    assert!(selectors_of(&*storage, "G").await.is_empty());
    assert_eq!(None, done(storage.session(&selector(1)).await));
    assert_eq!(vec![selector(2)], selectors_of(&*storage, "OTHER").await);
}

pub async fn a_removed_user_takes_its_failed_logins_along(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let failure = Change::CountFailedLogin {
        user_id: id("G"),
        at: active(1),
        since: active(0),
    };
    done(storage.apply(vec![insert(&guest("G")), failure]).await);
    done(
        storage
            .apply(vec![Change::RemoveUser { id: id("G") }])
            .await,
    );
    done(storage.apply(vec![insert(&guest("G"))]).await);

    let account = done(storage.account(&id("G")).await).unwrap();
    assert_eq!(FailedLogins::default(), account.failed_logins);
}

pub async fn removing_nobody_changes_nothing(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("G"))]).await);
    let removed = done(
        storage
            .apply(vec![Change::RemoveUser { id: id("H") }])
            .await,
    );

    assert!(removed.ended.is_empty());
    assert_eq!(Some(guest("G")), user(&*storage, "G").await);
}
