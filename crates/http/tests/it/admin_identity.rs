//! Another column than email becomes the one that users log in with.

use http::Method;
use serde_json::{Value as Json, json};

use crate::app::{Answer, App, BL_KEY, EMAIL, PASSWORD, id};

async fn add_column(app: &App, column: Json) {
    let ask = app
        .admin(Method::POST, "/tables/Users/columns")
        .json(&column);
    assert_eq!(201, ask.send().await.status);
}

async fn identify_by(app: &App, column: &str) -> Answer {
    let path = format!("/tables/Users/columns/{column}");
    let body = json!({ "identity": true });
    app.admin(Method::PATCH, &path).json(&body).send().await
}

async fn register(app: &App, user: Json) -> Answer {
    app.post("/users/register").json(&user).send().await
}

async fn login(app: &App, login: Json) -> Answer {
    let body = json!({ "login": login, "password": PASSWORD });
    app.post("/users/login").json(&body).send().await
}

/// An app whose users log in with a nick of at most eight characters.
async fn with_nicks() -> App {
    let app = App::start().await;
    add_column(&app, json!({ "name": "nick", "type": "STRING", "size": 8 })).await;
    let column = identify_by(&app, "nick").await.ok();
    assert_eq!(
        (json!(true), json!(true)),
        (column["required"].clone(), column["unique"].clone())
    );
    app
}

fn ann() -> Json {
    json!({ "email": EMAIL, "nick": "Ann", "password": PASSWORD })
}

#[tokio::test]
async fn users_register_and_log_in_with_the_new_identity() {
    let app = with_nicks().await;
    let user = register(&app, ann()).await.ok();
    for name in ["Ann", "ANN"] {
        assert_eq!(id(&user), id(&login(&app, json!(name)).await.ok()));
    }
    login(&app, json!(EMAIL)).await.refused(400, 8000); // longer than a nick can be
    login(&app, json!("a@b.c")).await.refused(401, 3003);
    let number = json!({ "email": "b@b.c", "nick": "4711", "password": PASSWORD });
    let number = register(&app, number).await.ok();
    assert_eq!(id(&number), id(&login(&app, json!(4711)).await.ok()));
}

#[tokio::test]
async fn the_codes_of_a_registration_and_an_update_follow_the_identity() {
    let app = with_nicks().await;
    let user = register(&app, ann()).await.ok();
    let mut other = json!({ "email": "bob@example.com", "password": PASSWORD });
    register(&app, other.clone()).await.refused(400, 3013);
    other["nick"] = json!("");
    register(&app, other.clone()).await.refused(400, 3013);
    other["nick"] = json!("ann");
    register(&app, other.clone()).await.refused(409, 3033);
    other["nick"] = json!("Bob");
    other["email"] = json!(EMAIL); // unique still, and no identity
    register(&app, other.clone()).await.refused(400, 1155);
    other["email"] = json!("no address");
    register(&app, other.clone()).await.refused(400, 3040);
    other["email"] = json!("bob@example.com");
    let bob = register(&app, other).await.ok();
    let path = format!("/users/{}", id(&bob));
    let token = login(&app, json!("Bob")).await.ok()["user-token"].clone();
    let update = |change: Json| {
        let ask = app.put(&path).token(token.as_str().unwrap()).json(&change);
        ask.send()
    };
    update(json!({ "nick": "ANN" })).await.refused(409, 3018);
    update(json!({ "nick": null })).await.refused(400, 3045);
    update(json!({ "nick": "Robert" })).await.ok();
    assert_eq!(id(&bob), id(&login(&app, json!("robert")).await.ok()));
    assert_eq!(id(&user), id(&login(&app, json!("ann")).await.ok()));
}

#[tokio::test]
async fn bulk_updates_change_neither_the_old_nor_the_new_identity() {
    let app = with_nicks().await;
    register(&app, ann()).await.ok();
    for change in [json!({ "nick": "x" }), json!({ "email": "x@example.com" })] {
        let ask = app
            .put("/data/bulk/Users?where=name%20is%20null")
            .json(&change);
        ask.send().await.refused(400, 3098);
    }
}

#[tokio::test]
async fn guests_have_no_identity_and_register_with_the_new_one() {
    let app = with_nicks().await;
    register(&app, ann()).await.ok();
    let (guest, token) = app.guest().await;
    app.guest().await; // nothing of two guests is in each other's way
    for change in [json!({ "nick": "Bob" }), json!({ "email": "b@b.c" })] {
        let ask = app
            .put(&format!("/users/{guest}"))
            .token(&token)
            .json(&change);
        ask.send().await.refused(400, 8008);
    }
    let mut convert = json!({ "objectId": guest, "email": "b@b.c", "password": PASSWORD });
    let ask = |convert: &Json| {
        app.post("/users/register")
            .token(&token)
            .json(convert)
            .send()
    };
    ask(&convert).await.refused(400, 3013);
    convert["nick"] = json!("Ann");
    ask(&convert).await.refused(409, 3033);
    convert["nick"] = json!("Bob");
    ask(&convert).await.ok();
    assert_eq!(guest, id(&login(&app, json!("bob")).await.ok()));
}

#[tokio::test]
async fn describe_tells_which_column_it_is() {
    let app = with_nicks().await;
    let described = app.get("/users/userclassprops").send().await.ok();
    let identities: Vec<_> = described
        .as_array()
        .unwrap()
        .iter()
        .filter(|column| column["identity"] == true)
        .map(|column| (column["name"].clone(), column["required"].clone()))
        .collect();
    assert_eq!(vec![(json!("nick"), json!(true))], identities);
}

#[tokio::test]
async fn the_identity_survives_a_second_change_and_frees_the_first_column() {
    let app = with_nicks().await;
    register(&app, ann()).await.ok();
    let path = "/tables/Users/columns/nick";
    app.admin(Method::DELETE, path)
        .send()
        .await
        .refused(400, 1162);
    identify_by(&app, "email").await.ok();
    login(&app, json!(EMAIL)).await.ok();
    login(&app, json!("Ann")).await.refused(401, 3003);
    app.admin(Method::DELETE, path).send().await.empty();
}

#[tokio::test]
async fn sessions_outlive_the_change() {
    let app = App::start().await;
    let (ann, token) = app.ann().await;
    let name = json!({ "name": "Ann" });
    let path = format!("/users/{ann}");
    app.put(&path).token(&token).json(&name).send().await.ok();
    identify_by(&app, "name").await.ok();
    app.put(&path)
        .token(&token)
        .json(&json!({}))
        .send()
        .await
        .ok();
    assert_eq!(ann, id(&login(&app, json!("ANN")).await.ok()));
}

#[tokio::test]
async fn users_without_a_value_or_with_the_same_are_named_in_the_refusal() {
    let app = App::start().await;
    add_column(&app, json!({ "name": "nick", "type": "STRING" })).await;
    app.guest().await; // guests do not count
    for (email, nick) in [
        ("a@b.c", json!("Ann")),
        ("b@b.c", json!(null)),
        ("c@b.c", json!("")),
    ] {
        let user = json!({ "email": email, "nick": nick, "password": PASSWORD });
        register(&app, user).await.ok();
    }
    let tables = app.admin(Method::GET, "/tables").send().await.ok();
    let message = identify_by(&app, "nick").await.refused(400, 1156);
    assert!(
        message.contains("'nick'") && message.contains('2'),
        "{message}"
    );
    let rows = app
        .found("Users", json!({ "where": "nick is null or nick = ''" }))
        .await;
    let users = rows.as_array().unwrap().iter();
    let users: Vec<_> = users.filter(|user| user["userStatus"] != "GUEST").collect();
    for (user, nick) in users.into_iter().zip(["ANN", "Bob"]) {
        let path = format!("/tables/Users/rows/{}", id(user));
        let edit = app
            .admin(Method::PATCH, &path)
            .json(&json!({ "nick": nick }));
        edit.send().await.ok();
    }
    let message = identify_by(&app, "nick").await.refused(400, 1155);
    assert!(message.contains("'nick'"), "{message}");
    assert_eq!(tables, app.admin(Method::GET, "/tables").send().await.ok());
    login(&app, json!("a@b.c")).await.ok();
}

#[tokio::test]
async fn a_column_that_cannot_be_the_identity_is_refused_by_name() {
    let app = App::start().await;
    app.record("Order", json!({ "code": "x" })).await;
    for column in [
        json!({ "name": "age", "type": "INT" }),
        json!({ "name": "story", "type": "TEXT" }),
        json!({ "name": "same", "type": "STRING", "default": "x" }),
        json!({
            "name": "orders", "type": "RELATION", "toTable": "Order", "cardinality": "ONE_TO_MANY",
        }),
    ] {
        add_column(&app, column).await;
    }
    let before = app.admin(Method::GET, "/tables").send().await.ok();
    for (column, code) in [
        ("age", 8008),
        ("story", 8008),
        ("same", 8008),
        ("orders", 8008),
        ("password", 1162),
        ("objectId", 1162),
        ("userStatus", 1162),
        ("blUserLocale", 1162),
        ("nothing", 1126),
        ("Email", 1126),
    ] {
        let message = identify_by(&app, column).await.refused(400, code);
        assert!(message.contains(&format!("'{column}'")), "{message}");
    }
    for (table, code) in [("Order", 8008), ("Nothing", 1009)] {
        let path = format!("/tables/{table}/columns/code");
        let ask = app
            .admin(Method::PATCH, &path)
            .json(&json!({ "identity": true }));
        ask.send().await.refused(400, code);
    }
    for (key, body) in [
        ("identity", json!({})),
        ("identity", json!({ "identity": false })),
        ("identity", json!({ "identity": "true" })),
        ("required", json!({ "identity": true, "required": true })),
    ] {
        let ask = app
            .admin(Method::PATCH, "/tables/Users/columns/name")
            .json(&body);
        let message = ask.send().await.refused(400, 8008);
        assert!(message.contains(key), "{message}");
    }
    assert_eq!(before, app.admin(Method::GET, "/tables").send().await.ok());
    // What is the identity already stays it.
    identify_by(&app, "email").await.ok();
    assert_eq!(before, app.admin(Method::GET, "/tables").send().await.ok());
}

#[tokio::test]
async fn roles_look_users_up_by_the_new_identity() {
    let app = with_nicks().await;
    register(&app, ann()).await.ok();
    let role = app
        .admin(Method::POST, "/roles")
        .json(&json!({ "name": "Support" }));
    assert_eq!(201, role.send().await.status);
    for (user, ok) in [("Ann", true), (EMAIL, false)] {
        let body = json!({ "user": user, "roleName": "Support" });
        let answer = app
            .post("/users/assignRole")
            .key(BL_KEY)
            .json(&body)
            .send()
            .await;
        assert_eq!(ok, answer.status == 200, "{user}: {}", answer.text);
    }
}
