//! Parts of JSON columns, and columns that are calculated.

use serde_json::json;
use vestibule::prelude::*;

use crate::records::{create, open, refused, update};

#[tokio::test]
async fn a_part_of_a_json_column_changes_and_the_rest_stays() {
    let kit = open().await;
    create(
        &kit,
        "Doc",
        json!({ "objectId": "1", "doc": { "a": [1, 2], "b": "x" }, "n": 1 }),
    )
    .await
    .unwrap();
    let set =
        json!({ "doc": { "___operation": "JSON_SET", "args": { "$.a[0]": 7, "$.c": null } } });
    let doc = update(&kit, "Doc", "1", set).await.unwrap();
    assert_eq!(
        json!({ "a": [7, 2], "b": "x", "c": null }),
        doc.get("doc").to_json()
    );
    let remove =
        json!({ "doc": { "___operation": "JSON_REMOVE", "args": ["$.a", "$.c"] }, "n": 5 });
    let doc = update(&kit, "Doc", "1", remove).await.unwrap();
    assert_eq!(json!({ "b": "x" }), doc.get("doc").to_json());
    assert_eq!(Some(5), doc.get("n").as_integer());
}

#[tokio::test]
async fn of_many_operations_at_once_none_is_lost() {
    let kit = open().await;
    create(&kit, "Doc", json!({ "objectId": "1", "doc": [] }))
        .await
        .unwrap();
    let appends = (0..8).map(async |n| {
        let append = json!({ "doc": { "___operation": "JSON_ARRAY_APPEND", "args": { "$": n } } });
        update(&kit, "Doc", "1", append).await.unwrap();
    });
    futures::future::join_all(appends).await;
    let doc = update(&kit, "Doc", "1", json!({ "created": 0 }))
        .await
        .unwrap();
    assert_eq!(Some(8), doc.get("doc").to_json().as_array().map(Vec::len));
}

#[tokio::test]
async fn an_operation_that_cannot_be_done_names_its_column() {
    let kit = open().await;
    create(
        &kit,
        "Doc",
        json!({ "objectId": "1", "doc": {}, "n": 1, "s": "x" }),
    )
    .await
    .unwrap();
    let operation = |name: &str| json!({ "___operation": name, "args": { "$.a": 1 } });
    for (code, json) in [
        (8008, json!({ "doc": operation("JSON_MERGE") })),
        (8008, json!({ "n": operation("JSON_SET") })),
        (
            8008,
            json!({ "s": { "___class": "BackendlessExpression", "value": "concat(s, s)" } }),
        ),
        (
            8008,
            json!({ "n": { "___class": "BackendlessExpression", "value": "n +" } }),
        ),
        (1126, json!({ "nothing": operation("JSON_SET") })),
        (
            1126,
            json!({ "nothing": { "___class": "BackendlessExpression", "value": "n" } }),
        ),
    ] {
        let message = refused(code, update(&kit, "Doc", "1", json.clone()).await);
        let column = json.as_object().unwrap().keys().next().unwrap().clone();
        if column != "n" {
            assert!(message.contains(&format!("'{column}'")), "{message}");
        }
    }
    refused(
        8008,
        create(&kit, "Doc", json!({ "doc": operation("JSON_SET") })).await,
    );
}

#[tokio::test]
async fn a_calculation_uses_the_record_as_it_is() {
    let kit = open().await;
    create(&kit, "Doc", json!({ "objectId": "1", "n": 3, "m": 4 }))
        .await
        .unwrap();
    let add = || json!({ "n": { "___class": "BackendlessExpression", "value": "n + m * 2" } });
    let doc = update(&kit, "Doc", "1", add()).await.unwrap();
    assert_eq!(Some(11), doc.get("n").as_integer());
    let adds = (0..4).map(async |_| update(&kit, "Doc", "1", add()).await.unwrap());
    futures::future::join_all(adds).await;
    let doc = update(&kit, "Doc", "1", json!({ "created": 0 }))
        .await
        .unwrap();
    assert_eq!(&Value::from(43), doc.get("n"));
}
