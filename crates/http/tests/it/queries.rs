//! What a find, a count and a grouping can ask for.

use serde_json::{Value as Json, json};

use crate::app::{App, column, keys, with_query};

async fn people(app: &App) {
    let people = json!([
        { "name": "Ann", "city": "Rome", "age": 20 },
        { "name": "Bob", "city": "Oslo", "age": 30 },
        { "name": "Cid", "city": "Rome", "age": 41 },
        { "name": "Dan", "city": null, "age": null },
    ]);
    app.post("/data/bulk/Person")
        .json(&people)
        .send()
        .await
        .ok();
}

#[tokio::test]
async fn a_clause_says_the_same_in_a_body_and_in_a_url() {
    let app = App::start().await;
    people(&app).await;
    for (clause, expected) in [
        ("age > 20 and city = 'Rome'", vec!["Cid"]),
        ("city is null or name like 'a%'", vec!["Ann", "Dan"]),
        ("name in ('Bob', 'Dan') and not (age = null)", vec!["Bob"]),
        ("created after '1-Jan-2020' and age<=30", vec!["Ann", "Bob"]),
        ("name = 'O''Hara'", vec![]),
    ] {
        let query = json!({ "where": clause, "sortBy": "name" });
        let found = app.found("Person", query).await;
        let expected: Vec<_> = expected.into_iter().map(Json::from).collect();
        assert_eq!(expected, column(&found, "name"), "{clause}");
        let path = with_query("/data/Person", &[("where", clause), ("sortBy", "name")]);
        assert_eq!(found, app.get(&path).send().await.ok(), "{clause}");
        assert_eq!(expected.len() as u64, app.count("Person", clause).await);
    }
}

#[tokio::test]
async fn columns_aliases_and_functions_are_answered() {
    let app = App::start().await;
    people(&app).await;
    let one = |query: Json| async {
        let mut query = query;
        query["where"] = json!("name = 'Ann'");
        app.found("Person", query).await[0].clone()
    };
    let row = one(json!({ "props": "age as Years,name" })).await;
    assert_eq!(vec!["Years", "___class", "name", "objectId"], keys(&row));
    let row = one(json!({ "props": ["*", "age as Years"] })).await;
    assert_eq!((&json!(20), &json!(20)), (&row["Years"], &row["age"]));
    let row = one(json!({ "props": "Concat(name, ', ', city) as both, age" })).await;
    assert_eq!(
        (&json!("Ann, Rome"), &json!(20)),
        (&row["both"], &row["age"])
    );
    let row = one(json!({ "excludeProps": "name,city,age,created,updated,ownerId" })).await;
    assert_eq!(vec!["___class", "objectId"], keys(&row));
}

#[tokio::test]
async fn groups_and_aggregates_are_answered_without_ids() {
    let app = App::start().await;
    people(&app).await;
    let query = json!({
        "props": "city,Avg(age) as average", "groupBy": "city", "having": "average > 10",
        "sortBy": "city",
    });
    let found = app.found("Person", query).await;
    let expected = json!([
        { "___class": "Person", "city": "Oslo", "average": 30 },
        { "___class": "Person", "city": "Rome", "average": 30.5 },
    ]);
    assert_eq!(expected, found);
    let cities = app
        .found("Person", json!({ "distinct": true, "props": "city" }))
        .await;
    assert_eq!(3, cities.as_array().unwrap().len());
}

#[tokio::test]
async fn a_count_is_a_bare_number() {
    let app = App::start().await;
    people(&app).await;
    for (expected, query) in [
        (4, json!({})),
        (2, json!({ "where": "city = 'Rome'" })),
        (3, json!({ "groupBy": ["city"], "distinct": true })),
    ] {
        let answer = app.post("/data/Person/count").json(&query).send().await;
        assert_eq!(expected.to_string(), answer.text, "{query}");
    }
    assert_eq!("4", app.post("/data/Person/count").send().await.text);
}

#[tokio::test]
async fn records_are_grouped_and_groups_counted() {
    let app = App::start().await;
    people(&app).await;
    let query = json!({
        "groupBy": "city", "where": "city is not null", "sortBy": "city", "props": "name",
        "pageSize": 10, "groupPageSize": 10, "recordsPageSize": 1,
    });
    let grouped = app
        .post("/data/data-grouping/Person")
        .json(&query)
        .send()
        .await
        .ok();
    assert_eq!(
        (json!(false), 2),
        (
            grouped["hasNextPage"].clone(),
            grouped["items"].as_array().unwrap().len()
        )
    );
    let rome = &grouped["items"][1];
    assert_eq!(
        json!({ "column": "city", "value": "Rome" }),
        rome["groupBy"]
    );
    assert_eq!(
        (json!(true), 1),
        (
            rome["hasNextPage"].clone(),
            rome["items"].as_array().unwrap().len()
        )
    );
    assert_eq!("Person", rome["items"][0]["___class"]);
    let path = "/data/data-grouping/Person/count";
    let query = json!({ "groupBy": "city", "groupPath": [{ "column": "city", "value": "Rome" }] });
    assert_eq!("2", app.post(path).json(&query).send().await.text);
}

#[tokio::test]
async fn pages_of_many_rows_are_stable() {
    let app = App::start().await;
    for hundred in 0..3 {
        let rows: Vec<_> = (0..100)
            .map(|n| json!({ "n": hundred * 100 + n }))
            .collect();
        app.post("/data/bulk/Row")
            .json(&rows.into())
            .send()
            .await
            .ok();
    }
    let mut seen = Vec::new();
    for page in 0..4 {
        let query = json!({ "pageSize": 100, "offset": page * 100, "sortBy": "n" });
        seen.extend(column(&app.found("Row", query).await, "n"));
    }
    let expected: Vec<_> = (0..300).map(Json::from).collect();
    assert_eq!(expected, seen);
}

#[tokio::test]
async fn a_clause_of_three_thousand_characters_works() {
    let app = App::start().await;
    people(&app).await;
    let clause = format!("name = '{}'", "x".repeat(3000));
    assert_eq!(
        json!([]),
        app.found("Person", json!({ "where": clause })).await
    );
}

#[tokio::test]
async fn in_an_app_of_own_records_a_caller_sees_the_own_ones_alone() {
    let app = App::start().await;
    let (_, token) = app.guest().await;
    let mine = app
        .put("/data/Cart")
        .token(&token)
        .json(&json!({ "n": 1 }))
        .send()
        .await
        .ok();
    let others = app.record("Cart", json!({ "n": 2 })).await;
    app.set(json!({ "permissions": { "base": "own" } })).await;
    let found = app.get("/data/Cart").token(&token).send().await.ok();
    assert_eq!(vec![json!(1)], column(&found, "n"));
    let (mine, others) = (
        mine["objectId"].as_str().unwrap(),
        others["objectId"].as_str().unwrap(),
    );
    app.get(&format!("/data/Cart/{mine}"))
        .token(&token)
        .send()
        .await
        .ok();
    let path = format!("/data/Cart/{others}");
    let change = json!({ "n": 3 });
    app.get(&path).token(&token).send().await.refused(400, 1000);
    app.put(&path)
        .token(&token)
        .json(&change)
        .send()
        .await
        .refused(400, 1000);
    app.delete(&path)
        .token(&token)
        .send()
        .await
        .refused(400, 1000);
    app.get("/data/Cart").send().await.refused(403, 1013);
    app.post("/data/Cart")
        .json(&change)
        .send()
        .await
        .refused(403, 1011);
}
