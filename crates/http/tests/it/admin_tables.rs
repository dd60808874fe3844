//! The tables part of the admin API.

use http::Method;
use serde_json::{Value as Json, json};

use crate::app::{Answer, App, id, with_query};

async fn post(app: &App, path: &str, body: Json) -> Answer {
    app.admin(Method::POST, path).json(&body).send().await
}

async fn delete(app: &App, path: &str) -> Answer {
    app.admin(Method::DELETE, path).send().await
}

/// What was made.
#[track_caller]
fn made(answer: &Answer) -> Json {
    assert_eq!(201, answer.status, "{}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

async fn tables(app: &App) -> Json {
    app.admin(Method::GET, "/tables").send().await.ok()
}

#[tokio::test]
async fn a_table_is_made_and_removed() {
    let app = App::start().await;
    let order = made(&post(&app, "/tables", json!({ "name": "Order" })).await);
    assert_eq!(
        (&json!("Order"), &json!(false)),
        (&order["name"], &order["system"])
    );
    assert_eq!(4, order["columns"].as_array().unwrap().len());
    let tables = tables(&app).await;
    assert!(tables.as_array().unwrap().contains(&order), "{tables}");
    app.record("Order", json!({ "total": 7 })).await;
    delete(&app, "/tables/Order").await.empty();
    app.get("/data/Order").send().await.refused(400, 1009);
    delete(&app, "/tables/Order").await.refused(400, 1009);
}

#[tokio::test]
async fn a_column_is_made_with_everything_it_can_have() {
    let app = App::start().await;
    made(&post(&app, "/tables", json!({ "name": "Order" })).await);
    app.record("Order", json!({})).await;
    let code = json!({
        "name": "code", "type": "STRING", "size": 5, "required": true, "unique": false,
        "indexed": true, "default": "abc", "validator": "^[a-z]*$",
    });
    let column = made(&post(&app, "/tables/Order/columns", code.clone()).await);
    for (key, value) in code.as_object().unwrap() {
        assert_eq!(value, &column[key], "{key}");
    }
    assert_eq!(
        "abc",
        app.found("Order", json!({})).await[0]["code"],
        "rows have the default"
    );
    assert_eq!("abc", app.record("Order", json!({})).await["code"]);
    for (code, body) in [
        (8000, json!({ "code": "abcdef" })),
        (8008, json!({ "code": "ABC" })),
        (1137, json!({ "code": null })),
        (1165, json!({ "code": "" })),
    ] {
        app.post("/data/Order")
            .json(&body)
            .send()
            .await
            .refused(400, code);
    }
    let described = app.get("/data/Order/properties").send().await.ok();
    let item = &described[4];
    assert_eq!(
        ("code", "abc", "^[a-z]*$", true),
        (
            item["name"].as_str().unwrap(),
            item["defaultValue"].as_str().unwrap(),
            item["customRegex"].as_str().unwrap(),
            item["required"].as_bool().unwrap(),
        )
    );
    delete(&app, "/tables/Order/columns/code").await.empty();
    assert!(app.found("Order", json!({})).await[0]["code"].is_null());
}

#[tokio::test]
async fn a_unique_column_has_a_value_once() {
    let app = App::start().await;
    made(&post(&app, "/tables", json!({ "name": "Order" })).await);
    let code = json!({ "name": "code", "type": "INT", "unique": true });
    made(&post(&app, "/tables/Order/columns", code).await);
    app.record("Order", json!({ "code": 1 })).await;
    let again = app
        .post("/data/Order")
        .json(&json!({ "code": 1 }))
        .send()
        .await;
    again.refused(400, 1166);
    app.record("Order", json!({})).await;
    app.record("Order", json!({})).await;
    assert_eq!(3, app.count("Order", "").await);
}

#[tokio::test]
async fn a_relation_is_made_shown_and_removed() {
    let app = App::start().await;
    for name in ["Order", "Item"] {
        made(&post(&app, "/tables", json!({ "name": name })).await);
    }
    let items = json!({
        "name": "items", "type": "RELATION", "toTable": "Item", "cardinality": "ONE_TO_MANY",
    });
    let relation = made(&post(&app, "/tables/Order/columns", items.clone()).await);
    for (key, value) in items.as_object().unwrap() {
        assert_eq!(value, &relation[key], "{key}");
    }
    delete(&app, "/tables/Item").await.refused(400, 1167);
    let mut nowhere = items;
    nowhere["name"] = json!("others");
    nowhere["toTable"] = json!("Nope");
    post(&app, "/tables/Order/columns", nowhere)
        .await
        .refused(400, 1150);
    delete(&app, "/tables/Order/columns/items").await.empty();
    delete(&app, "/tables/Item").await.empty();
}

#[tokio::test]
async fn what_cannot_be_made_or_removed_is_refused_and_nothing_changes() {
    let app = App::start().await;
    made(&post(&app, "/tables", json!({ "name": "Order" })).await);
    app.record("Order", json!({ "total": 7 })).await;
    let before = tables(&app).await;
    let long = "x".repeat(300);
    for (code, body) in [
        (8008, json!({})),
        (8008, json!({ "name": 7 })),
        (8008, json!({ "name": "A", "columns": [] })),
        (1154, json!({ "name": "" })),
        (1154, json!({ "name": "a\"b" })),
        (1154, json!({ "name": "sqlite_x" })),
        (1154, json!({ "name": "bulk" })),
        (1154, json!({ "name": long })),
        (1161, json!({ "name": "Order" })),
        (1161, json!({ "name": "ORDER" })),
        (1161, json!({ "name": "users" })),
    ] {
        post(&app, "/tables", body).await.refused(400, code);
    }
    let text = |key: &str, value: Json| {
        let mut body = json!({ "name": "a", "type": "STRING" });
        body[key] = value;
        body
    };
    for (code, body) in [
        (8008, json!({ "name": "a" })),
        (8008, text("type", json!("VARCHAR"))),
        (8008, text("nonsense", json!(1))),
        (8008, text("required", json!("yes"))),
        (8008, text("size", json!(0))),
        (8008, text("validator", json!("("))),
        (8008, text("default", json!(7))),
        (1152, text("name", json!("total"))),
        (1152, text("name", json!("TOTAL"))),
        (1152, text("name", json!("objectid"))),
        (1154, text("name", json!("a b"))),
        (1154, text("name", json!(long))),
        (1156, text("required", json!(true))),
    ] {
        let answer = post(&app, "/tables/Order/columns", body.clone()).await;
        assert_eq!(400, answer.status, "{body}: {}", answer.text);
        answer.refused(400, code);
    }
    for (code, path) in [
        (1009, "/tables/Nope/columns/a"),
        (1126, "/tables/Order/columns/nope"),
        (1162, "/tables/Order/columns/objectId"),
        (1162, "/tables/Users/columns/email"),
        (1148, "/tables/Users"),
        (1009, "/tables/Nope"),
        (1009, "/tables/order"),
    ] {
        delete(&app, path).await.refused(400, code);
    }
    post(&app, "/tables/Nope/columns", text("size", json!(9)))
        .await
        .refused(400, 1009);
    assert_eq!(before, tables(&app).await);
}

#[tokio::test]
async fn the_operator_reads_and_edits_rows_of_every_table() {
    let app = App::start().await;
    let (ann, token) = app.ann().await;
    let order = app
        .put("/data/Order")
        .token(&token)
        .json(&json!({ "total": 7 }))
        .send()
        .await
        .ok();
    app.record("Order", json!({ "total": 8 })).await;
    app.set(json!({ "permissions": { "base": "own" } })).await;
    let query = [
        ("where", "total > 6"),
        ("sortBy", "total"),
        ("pageSize", "1"),
        ("offset", "1"),
    ];
    let path = with_query("/tables/Order/rows", &query);
    let rows = app.admin(Method::GET, &path).send().await.ok();
    assert_eq!(
        (1, &json!(8)),
        (rows.as_array().unwrap().len(), &rows[0]["total"])
    );

    let path = format!("/tables/Order/rows/{}", id(&order));
    let edit = app.admin(Method::PATCH, &path).json(&json!({ "total": 9 }));
    let edited = edit.send().await.ok();
    assert_eq!(
        (&json!(9), &json!(ann)),
        (&edited["total"], &edited["ownerId"])
    );

    let rows = app
        .admin(Method::GET, "/tables/Users/rows")
        .send()
        .await
        .ok();
    assert!(rows[0].get("password").is_none());
    let path = format!("/tables/Users/rows/{ann}");
    let edit = app
        .admin(Method::PATCH, &path)
        .json(&json!({ "userStatus": "DISABLED" }));
    assert_eq!("DISABLED", edit.send().await.ok()["userStatus"]);
    app.get("/data/Order")
        .token(&token)
        .send()
        .await
        .refused(400, 3090);
}

#[tokio::test]
async fn a_wrong_edit_of_the_operator_is_refused_and_changes_nothing() {
    let app = App::start().await;
    let order = app.record("Order", json!({ "total": 7 })).await;
    let path = format!("/tables/Order/rows/{}", id(&order));
    let patch = |path: &str, body: Json| app.admin(Method::PATCH, path).json(&body).send();
    patch(&path, json!({ "total": "x" }))
        .await
        .refused(400, 1007);
    patch(&path, json!({ "shoe": 1 })).await.refused(400, 1126);
    patch(&path, json!({})).await.refused(400, 1001);
    patch(&path, json!({ "objectId": "x" }))
        .await
        .refused(400, 1162);
    patch("/tables/Order/rows/nobody", json!({ "total": 1 }))
        .await
        .refused(400, 1000);
    patch("/tables/Nope/rows/1", json!({ "total": 1 }))
        .await
        .refused(400, 1009);
    for (code, path) in [
        (1009, "/tables/Nope/rows"),
        (1025, "/tables/Order/rows?pageSize=101"),
        (8008, "/tables/Order/rows?pageSize=ten"),
        (8008, "/tables/Order/rows?loadRelations=x"),
        (1017, "/tables/Order/rows?where=%28"),
        (1006, "/tables/Users/rows?where=password%20is%20null"),
    ] {
        app.admin(Method::GET, path).send().await.refused(400, code);
    }
    assert_eq!(order, app.found("Order", json!({})).await[0]);
}
