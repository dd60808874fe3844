use serde_json::json;
use vestibule_model::{ColumnType, KeyKind, Value};

use super::{Scratch, samples::*};
use crate::{App, Change};

pub async fn a_new_database_has_no_app(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    assert_eq!(None, done(storage.app().await));
    assert!(done(storage.settings().await).is_empty());
}

pub async fn an_app_is_there_once_it_has_an_id_and_a_token(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(
        storage
            .apply(vec![Change::PutAppId("first".to_owned())])
            .await,
    );
    assert_eq!(None, done(storage.app().await));
    done(
        storage
            .apply(vec![Change::PutAdminTokenHash([1; 32])])
            .await,
    );
    let mut expected = App {
        id: "first".to_owned(),
        keys: Vec::new(),
        admin_token_hash: [1; 32],
    };
    assert_eq!(Some(expected.clone()), done(storage.app().await));

    let again = vec![
        Change::PutAppId("second".to_owned()),
        Change::PutAdminTokenHash([2; 32]),
    ];
    done(storage.apply(again).await);
    expected.id = "second".to_owned();
    expected.admin_token_hash = [2; 32];
    assert_eq!(Some(expected), done(storage.app().await));
}

pub async fn keys_come_in_their_order_and_are_replaced(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let key = |kind, key: &str| Change::PutKey {
        kind,
        key: key.to_owned(),
    };
    let mut changes = vec![
        Change::PutAppId("app".to_owned()),
        Change::PutAdminTokenHash([1; 32]),
    ];
    changes.extend(KeyKind::ALL.map(|kind| key(kind, kind.as_str())));
    done(storage.apply(changes).await);
    done(storage.apply(vec![key(KeyKind::Rest, "new")]).await);

    let app = done(storage.app().await).unwrap();
    let kinds: Vec<_> = app.keys.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(KeyKind::ALL, *kinds);
    assert_eq!(Some("new"), app.key(KeyKind::Rest));
    assert_eq!(Some("JS"), app.key(KeyKind::Js));
}

pub async fn settings_of_every_kind_survive_and_are_replaced(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let settings: Vec<_> = [
        ("a", Value::Null),
        ("b", Value::from(true)),
        ("c", Value::from(i64::MIN)),
        ("d", Value::from(0.1)),
        ("e", Value::from("ü")),
        ("f", Value::Json(json!({"list": [1, null]}))),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    done(
        storage
            .apply(vec![Change::PutSettings(settings.clone())])
            .await,
    );
    assert_eq!(settings, done(storage.settings().await));

    let change = vec![("b".to_owned(), Value::from("other"))];
    done(storage.apply(vec![Change::PutSettings(change)]).await);
    let read = done(storage.settings().await);
    assert_eq!(settings.len(), read.len());
    assert_eq!(("b".to_owned(), Value::from("other")), read[1]);
}

pub async fn the_catalogue_describes_the_users(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let catalogue = done(storage.catalogue().await);
    let users = catalogue.table("Users").unwrap();
    assert!(users.system);
    let columns: Vec<_> = users
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.column_type))
        .collect();
    let expected = [
        ("objectId", ColumnType::StringId),
        ("ownerId", ColumnType::String),
        ("created", ColumnType::DateTime),
        ("updated", ColumnType::DateTime),
        ("lastLogin", ColumnType::DateTime),
        ("userStatus", ColumnType::String),
        ("accountType", ColumnType::String),
        ("socialAccount", ColumnType::String),
        ("oAuthIdentities", ColumnType::Json),
        ("blUserLocale", ColumnType::String),
        ("email", ColumnType::String),
        ("name", ColumnType::String),
        ("password", ColumnType::String),
    ];
    assert_eq!(expected, *columns);
    let email = users.column("email").unwrap();
    assert!(email.identity && email.unique && email.required);
    assert_eq!(Some(500), email.size);
    let identities = users.columns.iter().filter(|column| column.identity);
    assert_eq!(1, identities.count());
    assert!(users.column("password").unwrap().required);
}
