//! The table `Users` through the data service.

use serde_json::{Value as Json, json};

use crate::app::{App, EMAIL, PASSWORD, USER_KEYS, id, keys};

fn user(email: &str) -> Json {
    json!({ "email": email, "password": PASSWORD })
}

#[tokio::test]
async fn a_user_saved_as_a_record_is_a_user_and_can_log_in() {
    let app = App::start().await;
    let asks = [
        app.post("/data/Users"),
        app.put("/data/Users"),
        app.put("/data/Users/upsert"),
    ];
    for (n, ask) in asks.into_iter().enumerate() {
        let email = format!("{n}@example.com");
        let saved = ask.json(&user(&email)).send().await.ok();
        assert_eq!(USER_KEYS.to_vec(), keys(&saved));
        assert_eq!(saved["objectId"], saved["ownerId"]);
        app.login(&email).await;
    }
    let many = json!([user("x@example.com"), user("y@example.com")]);
    let ids = app.post("/data/bulk/Users").json(&many).send().await.ok();
    assert_eq!(2, ids.as_array().unwrap().len());
    app.login("x@example.com").await;
}

#[tokio::test]
async fn a_user_is_found_with_the_keys_that_it_always_had() {
    let app = App::start().await;
    let (ann, _) = app.ann().await;
    let mut all = vec![
        app.get(&format!("/users/{ann}")).send().await.ok(),
        app.get(&format!("/data/Users/{ann}")).send().await.ok(),
        app.get(&format!("/data/Users/pk?email={EMAIL}"))
            .send()
            .await
            .ok(),
    ];
    for rows in [
        app.get("/data/Users").send().await.ok(),
        app.found("Users", json!({ "where": format!("email = '{EMAIL}'") }))
            .await,
    ] {
        all.push(rows[0].clone());
    }
    for user in &all {
        assert_eq!(USER_KEYS.to_vec(), keys(user));
        assert_eq!(&all[0], user);
    }
}

#[tokio::test]
async fn a_user_is_changed_and_removed_as_a_record() {
    let app = App::start().await;
    let (ann, token) = app.ann().await;
    let path = format!("/data/Users/{ann}");
    let changed = app
        .put(&path)
        .token(&token)
        .json(&json!({ "name": "Ann", "shoe": 42 }));
    let changed = changed.send().await.ok();
    assert_eq!(
        (&json!("Ann"), &json!(42)),
        (&changed["name"], &changed["shoe"])
    );
    let removed = app.delete(&path).token(&token).send().await.ok();
    assert!(removed["deletionTime"].is_i64());
    app.get(&path).send().await.refused(400, 1000);
    app.get("/users/userroles")
        .token(&token)
        .send()
        .await
        .refused(401, 3064);
}

#[tokio::test]
async fn by_default_anybody_changes_a_user_as_a_record() {
    let app = App::start().await;
    let (ann, _) = app.ann().await;
    let body = json!({ "objectId": ann, "name": "Ann" });
    let changed = app.put("/data/Users").json(&body).send().await.ok();
    assert_eq!("Ann", changed["name"]);
    // The status and the times are not a client's to change, by whatever path.
    let body = json!({ "userStatus": "DISABLED", "lastLogin": 1, "ownerId": "x", "name": "Bob" });
    let path = format!("/data/Users/{ann}");
    let changed = app.put(&path).json(&body).send().await.ok();
    assert_eq!(
        (&json!("ENABLED"), &json!(ann)),
        (&changed["userStatus"], &changed["ownerId"])
    );
    assert_ne!(1, changed["lastLogin"]);
}

#[tokio::test]
async fn a_wrong_save_of_a_user_is_refused_with_the_code_of_its_kind() {
    let app = App::start().await;
    let (ann, token) = app.ann().await;
    let path = format!("/data/Users/{ann}");
    for (status, code, ask) in [
        (
            400,
            1000,
            app.put("/data/Users/nobody").json(&json!({ "name": "x" })),
        ),
        (400, 1000, app.delete("/data/Users/nobody")),
        (400, 3011, app.post("/data/Users").json(&json!({}))),
        (
            400,
            3011,
            app.put("/data/bulkupsert/Users")
                .json(&json!([{ "email": "a@b.c" }])),
        ),
        (409, 3033, app.post("/data/Users").json(&user(EMAIL))),
        (
            409,
            3033,
            app.post("/data/bulk/Users")
                .json(&json!([user("a@b.c"), user(EMAIL)])),
        ),
        (400, 3049, app.put(&path).json(&json!({ "name": 7 }))),
        (
            400,
            3040,
            app.put(&path).json(&json!({ "email": "no address" })),
        ),
    ] {
        let answer = ask.token(&token).send().await;
        answer.refused(status, code);
    }
    assert_eq!(1, app.users().await);
}

#[tokio::test]
async fn custom_columns_and_relations_of_users_are_described() {
    let app = App::start().await;
    let (ann, token) = app.ann().await;
    app.record("Cart", json!({})).await;
    let shoe = json!({ "shoe": 42 });
    app.put(&format!("/users/{ann}"))
        .token(&token)
        .json(&shoe)
        .send()
        .await
        .ok();
    let path = format!("/data/Users/{ann}/cart:Cart:1");
    app.post(&path)
        .token(&token)
        .json(&json!([]))
        .send()
        .await
        .ok();
    for path in ["/users/userclassprops", "/data/Users/properties"] {
        let columns = app.get(path).send().await.ok();
        let columns = columns.as_array().unwrap();
        let column = |name: &str| {
            columns
                .iter()
                .find(|column| column["name"] == name)
                .unwrap()
        };
        assert_eq!("INT", column("shoe")["type"]);
        assert_eq!("RELATION", column("cart")["type"]);
        assert_eq!("Cart", column("cart")["relatedTable"]);
        for name in ["email", "password", "objectId", "created", "blUserLocale"] {
            column(name);
        }
    }
    let guest = app.guest().await.0;
    let read = app.get(&format!("/users/{guest}")).send().await.ok();
    assert_eq!(
        (USER_KEYS.len() + 1, true),
        (keys(&read).len(), read["shoe"].is_null())
    );
}

#[tokio::test]
async fn no_query_can_name_a_password() {
    let app = App::start().await;
    let (ann, token) = app.ann().await;
    app.record("Order", json!({})).await;
    let order = app.found("Order", json!({})).await;
    let path = format!("/data/Order/{}/customer:Users:1", id(&order[0]));
    app.post(&path).json(&json!([ann])).send().await.ok();
    for query in [
        json!({ "props": "password" }),
        json!({ "props": "password as x" }),
        json!({ "props": "*,Upper(password) as x" }),
        json!({ "props": "Max(password)" }),
        json!({ "where": "password like '%'" }),
        json!({ "where": "password is not null" }),
        json!({ "sortBy": "password" }),
        json!({ "groupBy": "password" }),
        json!({ "props": "Count(objectId) as n", "groupBy": "name", "having": "Max(password) > 'a'" }),
        json!({ "excludeProps": "password" }),
    ] {
        let answer = app
            .post("/data/Users/find")
            .token(&token)
            .json(&query)
            .send()
            .await;
        let body = answer.refused(400, 1006);
        assert_eq!(
            "Column 'password' does not exist in table 'Users'", body,
            "{query}"
        );
    }
    let query = json!({ "where": "customer.password like 'a%'" });
    let answer = app.post("/data/Order/find").json(&query).send().await;
    answer.refused(400, 1006);
    let query = json!({ "groupBy": "password" });
    let answer = app
        .post("/data/data-grouping/Users")
        .json(&query)
        .send()
        .await;
    answer.refused(400, 1006);
    app.get("/data/Users/pk?password=x")
        .send()
        .await
        .refused(400, 1006);
    let clause = "/data/bulk/Users?where=password%20is%20not%20null";
    let answer = app.put(clause).json(&json!({ "name": "x" })).send().await;
    answer.refused(400, 1006);
    let loaded = app
        .found("Order", json!({ "loadRelations": "customer" }))
        .await;
    assert_eq!(USER_KEYS.to_vec(), keys(&loaded[0]["customer"]));
}
