use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::app::App;

fn ids(found: &Json) -> Vec<String> {
    let rows = found.as_array().unwrap().iter();
    rows.map(|row| row["objectId"].as_str().unwrap().to_owned())
        .collect()
}

async fn five_guests(app: &App) -> Vec<String> {
    let mut newest_first = Vec::new();
    for _ in 0..5 {
        newest_first.insert(0, app.guest().await.0);
        app.clock.advance(Duration::from_millis(5));
    }
    newest_first
}

#[tokio::test]
async fn users_are_found_newest_first_page_by_page() {
    let app = App::start().await;
    let all = five_guests(&app).await;
    for query in [
        json!({}),
        json!({ "pageSize": 10, "offset": 0, "distinct": false }),
        json!({ "properties": "", "relations": "", "sortBy": "", "groupBy": "", "where": "" }),
        json!({ "sortBy": "created desc", "relationsDepth": 0, "whatever": { "else": [] } }),
    ] {
        let found = app.post("/data/Users/find").json(&query).send().await.ok();
        assert_eq!(all, ids(&found), "{query}");
    }
    let page = json!({ "pageSize": 2, "offset": 1 });
    let found = app.post("/data/Users/find").json(&page).send().await.ok();
    assert_eq!(all[1..3], ids(&found));
    let found = app
        .get("/data/Users?pageSize=2&offset=1&where=")
        .send()
        .await;
    assert_eq!(all[1..3], ids(&found.ok()));
    let past = app.get("/data/Users?offset=99").send().await;
    assert_eq!(json!([]), past.ok());
}

#[tokio::test]
async fn a_find_answers_the_columns_that_were_asked_for() {
    let app = App::start().await;
    five_guests(&app).await;
    let query = json!({ "props": "userStatus", "pageSize": 1 });
    let found = app.post("/data/Users/find").json(&query).send().await.ok();
    let row = found[0].as_object().unwrap();
    assert_eq!(3, row.len(), "{row:?}");
    assert_eq!(
        ("GUEST", "Users"),
        (
            row["userStatus"].as_str().unwrap(),
            row["___class"].as_str().unwrap(),
        )
    );
    app.get("/data/Users?props=shoe")
        .send()
        .await
        .refused(400, 1006);
}

#[tokio::test]
async fn a_wrong_page_is_refused_with_the_code_of_its_kind() {
    let app = App::start().await;
    for (code, query) in [
        (1025, "pageSize=101"),
        (1005, "pageSize=0"),
        (1005, "pageSize=-1"),
        (1004, "offset=-1"),
        (8008, "pageSize=ten"),
        (8008, "pageSize=99999999999999999999"),
    ] {
        let answer = app.get(&format!("/data/Users?{query}")).send().await;
        answer.refused(400, code);
    }
}

#[tokio::test]
async fn an_unknown_table_is_named_in_the_platforms_own_words() {
    let app = App::start().await;
    let expected = "Table not found by name 'Table not found by name 'Order'. Make sure the client \
                    class referenced in the API call has the same literal name as the table in \
                    Backendless console'";
    for answer in [
        app.post("/data/Order/find").json(&json!({})).send().await,
        app.get("/data/Order").send().await,
        app.get("/data/Order/1").send().await,
    ] {
        assert_eq!(expected, answer.refused(400, 1009));
    }
    app.get("/data/users").send().await.refused(400, 1009);
}

#[tokio::test]
async fn in_an_app_of_own_records_a_caller_finds_the_own_row_alone() {
    let app = App::start().await;
    five_guests(&app).await;
    let (id, token) = app.guest().await;
    app.set(json!({ "permissions": { "base": "own" } })).await;
    let found = app.get("/data/Users").token(&token).send().await.ok();
    assert_eq!(vec![id], ids(&found));
    app.get("/data/Users").send().await.refused(403, 1013);
    app.get("/data/Users/pk?nothing=1")
        .send()
        .await
        .refused(403, 1013);
    for path in ["/data/Users/properties", "/data/Users/table-name"] {
        app.get(path).token(&token).send().await.refused(403, 1015);
    }
    app.get("/users/userclassprops")
        .token(&token)
        .send()
        .await
        .refused(403, 2000);
}

#[tokio::test]
async fn of_a_number_that_comes_twice_the_last_one_counts() {
    let app = App::start().await;
    for _ in 0..3 {
        app.guest().await;
    }
    let found = app
        .get("/data/Users?pageSize=3&pageSize=2")
        .send()
        .await
        .ok();
    assert_eq!(2, found.as_array().unwrap().len());
}
