//! Registering, and logging in.

use serde_json::{Value as Json, json};

use crate::app::{App, EMAIL, PASSWORD, USER_KEYS, keys};

#[tokio::test]
async fn a_registered_user_looks_like_the_contract_says() {
    let app = App::start().await;
    let user = app.register(EMAIL).await;
    assert_eq!(USER_KEYS.to_vec(), keys(&user));
    assert_eq!(user["objectId"], user["ownerId"]);
    let expected = json!({
        "objectId": user["objectId"], "ownerId": user["objectId"],
        "created": 1_700_000_000_000_i64, "updated": null, "lastLogin": null,
        "userStatus": "ENABLED", "accountType": "BACKENDLESS", "socialAccount": "BACKENDLESS",
        "oAuthIdentities": null, "blUserLocale": "en", "email": EMAIL, "name": null,
        "___class": "Users",
    });
    assert_eq!(expected, user);
}

#[tokio::test]
async fn a_login_answers_the_user_and_a_token() {
    let app = App::start().await;
    app.register(EMAIL).await;
    let body = json!({ "login": EMAIL, "password": PASSWORD, "objectId": "ignored" });
    let user = app.post("/users/login").json(&body).send().await.ok();
    let mut expected = USER_KEYS.to_vec();
    expected.push("user-token");
    expected.sort_unstable();
    assert_eq!(expected, keys(&user));
    assert_eq!(1_700_000_000_000_i64, user["lastLogin"]);
}

#[tokio::test]
async fn a_guest_gets_exactly_three_keys() {
    let app = App::start().await;
    for body in ["", "{}", "not json"] {
        let answer = app.post("/users/register/guest").body(body).send().await;
        let guest = answer.ok();
        assert_eq!(vec!["objectId", "user-token", "userStatus"], keys(&guest));
        assert_eq!("GUEST", guest["userStatus"]);
    }
}

#[tokio::test]
async fn wrong_logins_are_refused_with_the_code_of_their_kind() {
    let app = App::start().await;
    app.register(EMAIL).await;
    let cases = [
        (401, 3003, json!({ "login": EMAIL, "password": "wrong" })),
        (
            401,
            3003,
            json!({ "login": "nobody", "password": PASSWORD }),
        ),
        (401, 3003, json!({ "login": 7, "password": PASSWORD })),
        (400, 3006, json!({ "login": "", "password": PASSWORD })),
        (400, 3006, json!({ "login": EMAIL, "password": "" })),
        (400, 3038, json!({ "login": EMAIL })),
        (400, 3038, json!({ "login": null, "password": PASSWORD })),
        (400, 3038, json!({})),
        (400, 3038, json!({ "objectId": "U", "password": PASSWORD })),
        (400, 8008, json!({ "login": {}, "password": PASSWORD })),
        (400, 8008, json!({ "login": EMAIL, "password": 7 })),
        (
            400,
            8000,
            json!({ "login": "x".repeat(501), "password": PASSWORD }),
        ),
        (
            400,
            8000,
            json!({ "login": EMAIL, "password": "x".repeat(1025) }),
        ),
    ];
    for (status, code, body) in cases {
        let answer = app.post("/users/login").json(&body).send().await;
        let message = answer.refused(status, code);
        if code == 3003 {
            assert_eq!("Invalid login or password", message);
        }
    }
}

#[tokio::test]
async fn wrong_registrations_are_refused_with_the_code_of_their_kind() {
    let app = App::start().await;
    app.register(EMAIL).await;
    let before = app.users().await;
    let cases = [
        (400, 3011, json!({})),
        (400, 3011, json!({ "email": "a@b.c", "password": "" })),
        (400, 3050, json!({ "email": "a@b.c", "password": 7 })),
        (400, 3013, json!({ "password": "p" })),
        (400, 3040, json!({ "email": "no address", "password": "p" })),
        (400, 3049, json!({ "email": 7, "password": "p" })),
        (409, 3033, json!({ "email": EMAIL, "password": "p" })),
        (
            400,
            3039,
            json!({ "objectId": "U", "email": "a@b.c", "password": "p" }),
        ),
        (
            400,
            8000,
            json!({ "email": "a@b.c", "password": "p", "name": "x".repeat(501) }),
        ),
    ];
    for (status, code, body) in cases {
        let answer = app.post("/users/register").json(&body).send().await;
        answer.refused(status, code);
    }
    assert_eq!(before, app.users().await, "nothing is stored");
}

#[tokio::test]
async fn registration_that_is_switched_off_is_403() {
    let app = App::start().await;
    app.set(json!({ "registration": { "enabled": false } }))
        .await;
    let body = json!({ "email": EMAIL, "password": PASSWORD });
    let answer = app.post("/users/register").json(&body).send().await;
    assert_eq!(
        "User registration is denied for this version of application",
        answer.refused(403, 3009)
    );
}

#[tokio::test]
async fn guests_that_are_switched_off_are_403() {
    let app = App::start().await;
    app.set(json!({ "guests": { "enabled": false } })).await;
    app.post("/users/register/guest")
        .send()
        .await
        .refused(403, 2000);
}

#[tokio::test]
async fn an_unknown_property_becomes_a_column_where_the_schema_is_dynamic() {
    let app = App::start().await;
    let mut user = json!({ "email": EMAIL, "password": PASSWORD, "unknown": 1 });
    let registered = app.post("/users/register").json(&user).send().await.ok();
    assert_eq!(1, registered["unknown"]);
    app.set(json!({ "schema": { "dynamic": false } })).await;
    user["email"] = json!("bob@example.com");
    user["another"] = json!(2);
    let registered = app.post("/users/register").json(&user).send().await.ok();
    assert_eq!(
        (1, None),
        (
            registered["unknown"].as_i64().unwrap(),
            registered.get("another")
        )
    );
}

#[tokio::test]
async fn the_property_of_a_system_column_is_ignored() {
    let app = App::start().await;
    let body = json!({
        "email": EMAIL, "password": PASSWORD, "ownerId": "X", "created": 1, "updated": 2,
        "lastLogin": 3, "userStatus": "DISABLED", "user-token": "t", "___class": "Other",
        "accountType": "X", "socialAccount": "X", "oAuthIdentities": { "a": 1 },
    });
    let user = app.post("/users/register").json(&body).send().await.ok();
    assert_eq!(USER_KEYS.to_vec(), keys(&user));
    assert_eq!(user["objectId"], user["ownerId"]);
    assert_eq!("ENABLED", user["userStatus"]);
    assert_eq!("BACKENDLESS", user["socialAccount"]);
    assert_eq!(Json::Null, user["oAuthIdentities"]);
    assert_eq!(1_700_000_000_000_i64, user["created"]);
}
