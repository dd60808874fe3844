//! Records that relate to records.

use serde_json::{Value as Json, json};

use crate::app::{App, column, id, keys, with_query};

/// An order and four items that it could relate to.
async fn order_and_items(app: &App) -> (String, Vec<String>) {
    let mut items = Vec::new();
    for n in 1..=4 {
        let item = app.record("Item", json!({ "n": n })).await;
        items.push(id(&item).to_owned());
    }
    let order = app.record("Order", json!({ "total": 7 })).await;
    (id(&order).to_owned(), items)
}

async fn numbers(app: &App, path: &str) -> Vec<Json> {
    let path = with_query(path, &[("sortBy", "n")]);
    column(&app.get(&path).send().await.ok(), "n")
}

#[tokio::test]
async fn links_are_set_added_and_removed_and_counted() {
    let app = App::start().await;
    let (order, items) = order_and_items(&app).await;
    let path = format!("/data/Order/{order}/items");
    let made = app
        .post(&format!("{path}:Item:n"))
        .json(&json!([items[0], items[1]]));
    assert_eq!(json!(2), made.send().await.ok());
    let added = app
        .put(&path)
        .json(&json!([items[1], items[2], "unknown", 17]));
    assert_eq!(json!(1), added.send().await.ok());
    assert_eq!(
        vec![json!(1), json!(2), json!(3)],
        numbers(&app, &path).await
    );
    let removed = app.delete(&path).json(&json!([items[0], items[3]]));
    assert_eq!(json!(1), removed.send().await.ok());
    assert_eq!(vec![json!(2), json!(3)], numbers(&app, &path).await);
    app.post(&path).json(&json!([items[3]])).send().await.ok();
    assert_eq!(vec![json!(4)], numbers(&app, &path).await);
    app.post(&path).json(&json!([])).send().await.ok();
    assert_eq!(json!([]), app.get(&path).send().await.ok());
    assert_eq!(4, app.count("Item", "").await, "the records stay");
}

#[tokio::test]
async fn links_are_set_added_and_removed_by_a_clause_and_without_a_body() {
    let app = App::start().await;
    let (order, _) = order_and_items(&app).await;
    let made = format!("/data/Order/{order}/items%3AItem%3An");
    let path = format!("/data/Order/{order}/items");
    let by = |path: &str, clause: &str| with_query(path, &[("whereClause", clause)]);
    let set = app.post(&by(&made, "n < 3")).send().await.ok();
    assert_eq!(json!(2), set);
    assert_eq!(json!(1), app.put(&by(&path, "n = 4")).send().await.ok());
    assert_eq!(
        vec![json!(1), json!(2), json!(4)],
        numbers(&app, &path).await
    );
    assert_eq!(json!(2), app.delete(&by(&path, "n > 1")).send().await.ok());
    assert_eq!(vec![json!(1)], numbers(&app, &path).await);
}

#[tokio::test]
async fn related_records_are_loaded_with_depth_pages_and_columns() {
    let app = App::start().await;
    let (order, items) = order_and_items(&app).await;
    let path = format!("/data/Order/{order}");
    app.post(&format!("{path}/items:Item:n"))
        .json(&json!(items))
        .send()
        .await
        .ok();
    let maker = app.record("Maker", json!({ "name": "m" })).await;
    let of_item = format!("/data/Item/{}/maker:Maker:1", items[0]);
    app.post(&of_item)
        .json(&json!([id(&maker)]))
        .send()
        .await
        .ok();

    let plain = app.get(&path).send().await.ok();
    assert!(!keys(&plain).contains(&"items"));
    let one = app
        .get(&format!("{path}?relationsDepth=1"))
        .send()
        .await
        .ok();
    assert_eq!(4, one["items"].as_array().unwrap().len());
    assert!(!keys(&one["items"][0]).contains(&"maker"));
    let some = app
        .get(&format!("{path}?loadRelations=items&relationsPageSize=2"))
        .send()
        .await;
    assert_eq!(2, some.ok()["items"].as_array().unwrap().len());
    let query = json!({ "loadRelations": "items,items.maker" });
    let deep = app.found("Order", query).await;
    let makers = column(&deep[0]["items"], "maker");
    assert!(
        makers.iter().any(|maker| maker["name"] == "m"),
        "{makers:?}"
    );
    let page = with_query(
        &format!("{path}/items"),
        &[
            ("pageSize", "2"),
            ("offset", "1"),
            ("sortBy", "n desc"),
            ("where", "n > 1"),
            ("property", "n"),
        ],
    );
    let page = app.get(&page).send().await.ok();
    assert_eq!(vec![json!(3), json!(2)], column(&page, "n"));
    assert_eq!(vec!["___class", "n", "objectId"], keys(&page[0]));
    let maker = app
        .get(&format!("/data/Item/{}/maker", items[0]))
        .send()
        .await
        .ok();
    assert_eq!(
        ("Maker", 1),
        (
            maker[0]["___class"].as_str().unwrap(),
            maker.as_array().unwrap().len()
        )
    );
}

#[tokio::test]
async fn a_relation_to_one_leads_to_one() {
    let app = App::start().await;
    let (order, items) = order_and_items(&app).await;
    let path = format!("/data/Order/{order}/first");
    app.post(&format!("{path}:Item:1"))
        .json(&json!([items[0]]))
        .send()
        .await
        .ok();
    app.put(&path)
        .json(&json!([items[1]]))
        .send()
        .await
        .refused(400, 1128);
    app.post(&path)
        .json(&json!([items[1], items[2]]))
        .send()
        .await
        .refused(400, 1128);
    assert_eq!(vec![json!(1)], numbers(&app, &path).await);
    app.post(&path).json(&json!([items[1]])).send().await.ok();
    assert_eq!(vec![json!(2)], numbers(&app, &path).await);
}

#[tokio::test]
async fn a_record_may_relate_to_itself() {
    let app = App::start().await;
    let (order, _) = order_and_items(&app).await;
    let path = format!("/data/Order/{order}");
    app.put(&format!("{path}/next:Order:1"))
        .json(&json!([order]))
        .send()
        .await
        .ok();
    let read = app
        .get(&format!("{path}?relationsDepth=2"))
        .send()
        .await
        .ok();
    assert_eq!(order, id(&read["next"]["next"]));
}

#[tokio::test]
async fn wrong_relations_are_refused_with_the_code_of_their_kind() {
    let app = App::start().await;
    let (order, items) = order_and_items(&app).await;
    let path = format!("/data/Order/{order}/items");
    app.post(&format!("{path}:Item:n"))
        .json(&json!([items[0]]))
        .send()
        .await
        .ok();
    let ids = json!([items[1]]);
    let long = "x".repeat(300);
    for (code, path) in [
        (1127, format!("/data/Order/{order}/shoes")),
        (1127, format!("/data/Order/{order}/{long}")),
        (1127, format!("/data/Order/{order}/Items")),
        (1127, format!("/data/Order/{order}/total")),
        (1000, "/data/Order/nobody/items".to_owned()),
        (1000, format!("/data/Order/{long}/items")),
        (1009, format!("/data/Nope/{order}/items")),
        (8008, format!("/data/Order/{order}/more:Item:7")),
        (8008, format!("/data/Order/{order}/more:Item")),
        (1154, format!("/data/Order/{order}/se%22lect:Item:n")),
        (1152, format!("/data/Order/{order}/ITEMS:Item:n")),
        (1152, format!("/data/Order/{order}/total:Item:n")),
    ] {
        for ask in [app.post(&path), app.put(&path)] {
            ask.json(&ids).send().await.refused(400, code);
        }
    }
    for ask in [app.post(&path), app.put(&path), app.delete(&path)] {
        ask.send().await.refused(400, 8008);
    }
    let both = with_query(&path, &[("whereClause", "n > 0")]);
    app.put(&both).json(&ids).send().await.refused(400, 8008);
    for clause in ["shoe = 1", "password = 'x'"] {
        let path = with_query(&path, &[("whereClause", clause)]);
        app.put(&path).send().await.refused(400, 1006);
    }
    assert_eq!(
        vec![json!(1)],
        numbers(&app, &path).await,
        "nothing is stored"
    );
    app.get(&format!("/data/Order/{order}/shoes"))
        .send()
        .await
        .refused(400, 1127);
}
