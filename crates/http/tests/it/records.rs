//! Single records: made, changed, read, removed.

use std::time::Duration;

use serde_json::json;

use crate::app::{App, id, keys, with_query};

#[tokio::test]
async fn a_record_is_made_by_either_method_and_its_table_with_it() {
    let app = App::start().await;
    let order =
        json!({ "total": 7, "note": "ünï 🦊", "paid": false, "tags": ["a", {}], "rate": 1.5 });
    for ask in [app.post("/data/Order"), app.put("/data/Order")] {
        let made = ask.json(&order).send().await.ok();
        let expected = json!({
            "___class": "Order", "objectId": id(&made), "ownerId": null,
            "created": 1_700_000_000_000_i64, "updated": null,
            "total": 7, "note": "ünï 🦊", "paid": false, "tags": ["a", {}], "rate": 1.5,
        });
        assert_eq!(expected, made);
        let read = app.get(&format!("/data/Order/{}", id(&made))).send().await;
        assert_eq!(expected, read.ok());
    }
    let empty = app.put("/data/Empty").json(&json!({})).send().await.ok();
    let system = ["___class", "created", "objectId", "ownerId", "updated"];
    assert_eq!(system.to_vec(), keys(&empty));
}

#[tokio::test]
async fn whoever_makes_a_record_owns_it() {
    let app = App::start().await;
    let (guest, token) = app.guest().await;
    let ask = app.put("/data/Cart").token(&token).json(&json!({}));
    assert_eq!(guest, ask.send().await.ok()["ownerId"].as_str().unwrap());
}

#[tokio::test]
async fn a_record_with_an_id_is_changed_where_it_was_sent() {
    let app = App::start().await;
    let order = app
        .record("Order", json!({ "total": 7, "note": "a" }))
        .await;
    app.clock.advance(Duration::from_millis(5));
    let mut echo = order.clone();
    echo["total"] = json!(8);
    let saved = app.put("/data/Order").json(&echo).send().await.ok();
    assert_eq!(
        (json!(8), json!("a")),
        (saved["total"].clone(), saved["note"].clone())
    );
    assert_eq!(
        (&order["created"], true),
        (&saved["created"], saved["updated"].is_i64())
    );
    // The path says which record is meant, whatever the body says.
    let path = format!("/data/Order/{}", id(&order));
    let body = json!({ "objectId": "another", "note": null });
    let saved = app.put(&path).json(&body).send().await.ok();
    assert_eq!(
        (json!(8), json!(null)),
        (saved["total"].clone(), saved["note"].clone())
    );
    assert_eq!(1, app.count("Order", "").await);
}

#[tokio::test]
async fn an_upsert_makes_what_is_not_there_and_changes_what_is() {
    let app = App::start().await;
    for total in [1, 2] {
        let order = json!({ "objectId": "my-id", "total": total });
        let saved = app.put("/data/Order/upsert").json(&order).send().await.ok();
        assert_eq!(("my-id", &json!(total)), (id(&saved), &saved["total"]));
    }
    app.put("/data/Order/upsert")
        .json(&json!({}))
        .send()
        .await
        .ok();
    assert_eq!(2, app.count("Order", "").await);
}

#[tokio::test]
async fn a_record_that_was_removed_is_gone() {
    let app = App::start().await;
    let order = app.record("Order", json!({ "total": 7 })).await;
    let path = format!("/data/Order/{}", id(&order));
    let removed = app.delete(&path).send().await.ok();
    assert_eq!(json!({ "deletionTime": 1_700_000_000_000_i64 }), removed);
    let gone = format!("Entity with ID {} not found", id(&order));
    for answer in [
        app.get(&path).send().await,
        app.delete(&path).send().await,
        app.put(&path).json(&json!({ "total": 8 })).send().await,
        app.put("/data/Order").json(&order).send().await,
    ] {
        assert_eq!(gone, answer.refused(400, 1000));
    }
    assert_eq!(0, app.count("Order", "").await);
}

#[tokio::test]
async fn a_record_is_read_with_the_columns_that_were_asked_for() {
    let app = App::start().await;
    let order = app
        .record("Order", json!({ "total": 7, "note": "a" }))
        .await;
    let path = format!("/data/Order/{}", id(&order));
    for query in [
        "?props=total",
        "?property=total",
        "?properties=total&pageSize=",
    ] {
        let read = app.get(&format!("{path}{query}")).send().await.ok();
        assert_eq!(
            vec!["___class", "objectId", "total"],
            keys(&read),
            "{query}"
        );
    }
    let answer = app.get(&format!("{path}?props=shoe")).send().await;
    assert_eq!(
        "Column 'shoe' does not exist in table 'Order'",
        answer.refused(400, 1006)
    );
}

#[tokio::test]
async fn a_record_is_read_by_values_that_it_alone_has() {
    let app = App::start().await;
    for (n, name) in [(1, "a'b"), (2, "a'b"), (3, "c")] {
        app.record("Order", json!({ "n": n, "name": name, "odd": n % 2 == 1 }))
            .await;
    }
    let read = |pairs: &[(&str, &str)]| app.get(&with_query("/data/Order/pk", pairs)).send();
    for (n, pairs) in [
        (2, vec![("n", "2")]),
        (2, vec![("name", "a'b"), ("n", "2")]),
        (3, vec![("odd", "true"), ("name", "c")]),
    ] {
        assert_eq!(n, read(&pairs).await.ok()["n"], "{pairs:?}");
    }
    let missed = read(&[("name", "a'b"), ("n", "3")]).await;
    assert_eq!("Entity with ID a'b, 3 not found", missed.refused(400, 1000));
    read(&[("n", "2 or 1 = 1")]).await.refused(400, 8008);
    read(&[]).await.refused(400, 8008);
    let unknown = read(&[("x = 1 or n", "1")]).await.refused(400, 1006);
    assert_eq!(
        "Column 'x = 1 or n' does not exist in table 'Order'",
        unknown
    );
    app.get("/data/Nope/pk?a=1").send().await.refused(400, 1009);
}

#[tokio::test]
async fn a_table_is_described_with_the_keys_of_the_contract() {
    let app = App::start().await;
    app.record("Item", json!({})).await;
    let order = app.record("Order", json!({ "total": 7 })).await;
    let path = format!("/data/Order/{}/items:Item:n", id(&order));
    app.post(&path).json(&json!([])).send().await.ok();
    let described = app.get("/data/Order/properties").send().await.ok();
    let item = |name: &str, type_name: &str| {
        json!({
            "name": name, "required": false, "type": type_name, "defaultValue": null,
            "expression": null, "relatedTable": null, "customRegex": null, "autoLoad": false,
            "isPrimaryKey": name == "objectId",
        })
    };
    let mut items = item("items", "RELATION_LIST");
    items["relatedTable"] = json!("Item");
    let expected = json!([
        item("objectId", "STRING_ID"),
        item("ownerId", "STRING"),
        item("created", "DATETIME"),
        item("updated", "DATETIME"),
        item("total", "INT"),
        items,
    ]);
    assert_eq!(expected, described);
    let name = app.get("/data/Order/table-name").send().await.ok();
    assert_eq!("Order", name);
}

#[tokio::test]
async fn a_deep_save_saves_what_a_record_relates_to() {
    let app = App::start().await;
    let order = app.record("Order", json!({ "total": 7 })).await;
    let item = app.record("Item", json!({ "n": 1, "name": "a" })).await;
    let path = format!("/data/Order/{}", id(&order));
    for column in ["first:Item:1", "items:Item:n"] {
        app.post(&format!("{path}/{column}"))
            .json(&json!([]))
            .send()
            .await
            .ok();
    }
    let body = json!({
        "objectId": id(&order), "total": 8,
        "first": { "__subID": "x", "objectId": id(&item), "n": 2 },
        // As the SDK sends an object that it has sent already.
        "items": [{ "__originSubID": "x" }, { "n": 3 }],
    });
    let saved = app
        .put("/data/Order/deep-save")
        .json(&body)
        .send()
        .await
        .ok();
    assert_eq!(
        ("Order", &json!(8)),
        (saved["___class"].as_str().unwrap(), &saved["total"])
    );
    assert_eq!(
        (&json!(2), &json!("a")),
        (&saved["first"]["n"], &saved["first"]["name"])
    );
    assert_eq!("Item", saved["items"][0]["___class"]);
    assert_eq!(2, saved["items"].as_array().unwrap().len());
    assert_eq!(2, app.count("Item", "").await);
}

#[tokio::test]
async fn an_object_that_the_sdk_sends_once_and_means_twice_is_saved_in_both_places() {
    let app = App::start().await;
    let body = json!({
        "one": { "__subID": "x", "a": 1 }, "two": { "__originSubID": "x" },
    });
    let saved = app.put("/data/Note").json(&body).send().await.ok();
    assert_eq!(
        (&json!({ "a": 1 }), &json!({ "a": 1 })),
        (&saved["one"], &saved["two"])
    );
    let body = json!({ "two": { "__originSubID": "y" } });
    app.put("/data/Note")
        .json(&body)
        .send()
        .await
        .refused(400, 8008);
}

#[tokio::test]
async fn a_table_may_be_called_like_a_keyword_and_an_id_like_anything() {
    let app = App::start().await;
    for table in ["Select", "order", "group", "find", "properties", "Table"] {
        let record = json!({ "objectId": "a b/c%d\"é+'", "from": 1, "where": "x" });
        let path = format!("/data/{table}/upsert");
        app.put(&path).json(&record).send().await.ok();
        let path = format!("/data/{table}/a%20b%2Fc%25d%22%C3%A9+'");
        let read = app.get(&path).send().await.ok();
        assert_eq!(
            (&json!(1), "a b/c%d\"é+'"),
            (&read["from"], id(&read)),
            "{table}"
        );
        let by_values = format!("/data/{table}/pk?from=1&where=x");
        assert_eq!(read, app.get(&by_values).send().await.ok());
        app.delete(&path).send().await.ok();
    }
}
