//! Many records at once.

use serde_json::{Value as Json, json};

use crate::app::{App, column, with_query};

async fn three(app: &App) -> Json {
    let records =
        json!([{ "n": 1, "kind": "a" }, { "n": 2, "kind": "b" }, { "n": 3, "kind": "a" }]);
    app.post("/data/bulk/Order")
        .json(&records)
        .send()
        .await
        .ok()
}

#[tokio::test]
async fn records_are_made_and_their_ids_answered_in_order() {
    let app = App::start().await;
    let ids = three(&app).await;
    for (at, id) in ids.as_array().unwrap().iter().enumerate() {
        let path = format!("/data/Order/{}", id.as_str().unwrap());
        assert_eq!(at + 1, app.get(&path).send().await.ok()["n"]);
    }
    let ids = app
        .post("/data/bulk/Order")
        .json(&json!([{}, { "objectId": "mine" }]));
    assert_eq!("mine", ids.send().await.ok()[1]);
    assert_eq!(5, app.count("Order", "").await);
}

#[tokio::test]
async fn one_wrong_record_of_many_stores_none() {
    let app = App::start().await;
    three(&app).await;
    let records = json!([{ "n": 4 }, { "n": "many" }]);
    let answer = app.post("/data/bulk/Order").json(&records).send().await;
    answer.refused(400, 1007);
    let answer = app
        .put("/data/bulkupsert/Order")
        .json(&records)
        .send()
        .await;
    answer.refused(400, 1007);
    assert_eq!(3, app.count("Order", "").await);
}

#[tokio::test]
async fn records_are_made_or_changed_by_their_ids() {
    let app = App::start().await;
    let ids = three(&app).await;
    let records =
        json!([{ "objectId": ids[0], "n": 10 }, { "objectId": "new", "n": 11 }, { "n": 12 }]);
    let saved = app
        .put("/data/bulkupsert/Order")
        .json(&records)
        .send()
        .await
        .ok();
    assert_eq!((&ids[0], &json!("new")), (&saved[0], &saved[1]));
    let found = app
        .found("Order", json!({ "sortBy": "n", "where": "n > 9" }))
        .await;
    assert_eq!(vec![json!(10), json!(11), json!(12)], column(&found, "n"));
    assert_eq!(
        (json!("a"), true),
        (found[0]["kind"].clone(), found[0]["updated"].is_i64())
    );
}

#[tokio::test]
async fn records_that_a_clause_is_true_for_are_changed() {
    let app = App::start().await;
    three(&app).await;
    let path = with_query("/data/bulk/Order", &[("where", "kind = 'a' and n < 9")]);
    let changed = app
        .put(&path)
        .json(&json!({ "kind": "c" }))
        .send()
        .await
        .ok();
    assert_eq!(json!(2), changed);
    assert_eq!(2, app.count("Order", "kind = 'c'").await);
}

#[tokio::test]
async fn records_that_a_clause_is_true_for_are_removed() {
    let app = App::start().await;
    let ids = three(&app).await;
    let clause = format!(
        "objectId in ({},'nobody')",
        ids[1].to_string().replace('"', "'")
    );
    let body = json!({ "where": clause });
    let removed = app
        .post("/data/bulk/Order/delete")
        .json(&body)
        .send()
        .await
        .ok();
    assert_eq!(json!(1), removed);
    assert_eq!(0, app.count("Order", "n = 2").await);
    // What the SDK makes of an empty list.
    let body = json!({ "where": "objectId in ()" });
    let removed = app.post("/data/bulk/Order/delete").json(&body).send();
    assert_eq!(json!(0), removed.await.ok());
}

#[tokio::test]
async fn without_a_clause_nothing_is_changed_and_nothing_removed() {
    let app = App::start().await;
    three(&app).await;
    for path in [
        "/data/bulk/Order",
        "/data/bulk/Order?where=",
        "/data/bulk/Order?where=%20",
    ] {
        let answer = app.put(path).json(&json!({ "n": 0 })).send().await;
        answer.refused(400, 8008);
    }
    for body in [
        json!({}),
        json!({ "where": "" }),
        json!({ "where": null }),
        json!({ "where": 1 }),
    ] {
        let answer = app.post("/data/bulk/Order/delete").json(&body).send().await;
        answer.refused(400, 8008);
    }
    assert_eq!(3, app.count("Order", "n > 0").await);
}

#[tokio::test]
async fn a_bulk_update_of_system_columns_is_refused() {
    let app = App::start().await;
    three(&app).await;
    let path = with_query("/data/bulk/Order", &[("where", "n > 0")]);
    for change in [json!({ "objectId": "x" }), json!({ "ownerId": "x" })] {
        app.put(&path).json(&change).send().await.refused(400, 1036);
    }
    app.put(&path)
        .json(&json!({}))
        .send()
        .await
        .refused(400, 1001);
}
