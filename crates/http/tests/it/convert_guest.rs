//! A guest registers: `POST /users/register` with the guest's objectId.

use serde_json::json;

use crate::app::{App, BL_KEY, EMAIL, PASSWORD, USER_KEYS, keys};

#[tokio::test]
async fn a_guest_who_registers_gets_the_user_and_keeps_the_token() {
    let app = App::start().await;
    let (id, token) = app.guest().await;
    let body = json!({ "objectId": id, "email": EMAIL, "password": PASSWORD, "name": "Ann" });
    let register = app.post("/users/register").token(&token).json(&body);
    let user = register.send().await.ok();
    assert_eq!(USER_KEYS.to_vec(), keys(&user), "no token, no password");
    assert_eq!(
        (json!(id), json!("ENABLED"), json!("Ann")),
        (
            user["objectId"].clone(),
            user["userStatus"].clone(),
            user["name"].clone()
        )
    );
    let roles = app.get("/users/userroles").token(&token).send().await.ok();
    assert_eq!(json!(["AuthenticatedUser", "JSUser"]), roles);
    assert_eq!(id, app.login(EMAIL).await.0);
}

#[tokio::test]
async fn the_guest_itself_may_be_sent_back() {
    let app = App::start().await;
    let (id, token) = app.guest().await;
    let read = app.get(&format!("/data/Users/{id}")).token(&token);
    let mut guest = read.send().await.ok();
    guest["user-token"] = json!(token);
    guest["email"] = json!(EMAIL);
    guest["password"] = json!(PASSWORD);
    let register = app.post("/users/register").token(&token).json(&guest);
    let user = register.send().await.ok();
    assert_eq!(
        (json!(id), json!("ENABLED"), json!("en")),
        (
            user["objectId"].clone(),
            user["userStatus"].clone(),
            user["blUserLocale"].clone()
        )
    );
    let written = app.get(&format!("/data/Users/{id}")).token(&token);
    assert_eq!(user["email"], written.send().await.ok()["email"]);
}

#[tokio::test]
async fn nobody_else_converts_a_guest_but_the_code_runner() {
    let app = App::start().await;
    let (id, token) = app.guest().await;
    let (_, other) = app.guest().await;
    let body = json!({ "objectId": id, "email": EMAIL, "password": PASSWORD });
    let register = || app.post("/users/register").json(&body);
    let message = register().send().await.refused(400, 3039);
    assert_eq!(
        message,
        register().token(&other).send().await.refused(400, 3039)
    );
    let dead = register().token("dead.token").send().await;
    assert_eq!(message, dead.refused(400, 3039));
    for odd in [json!("nobody"), json!(7), json!(""), json!("x".repeat(65))] {
        let body = json!({ "objectId": odd, "email": EMAIL, "password": PASSWORD });
        let answer = app.post("/users/register").token(&token).json(&body);
        assert_eq!(message, answer.send().await.refused(400, 3039), "{odd}");
    }
    register().key(BL_KEY).send().await.ok();
    let again = register().token(&token).send().await;
    assert_eq!(message, again.refused(400, 3039), "a second time");
}

#[tokio::test]
async fn a_null_object_id_is_none() {
    let app = App::start().await;
    let body = json!({ "objectId": null, "email": EMAIL, "password": PASSWORD });
    app.post("/users/register").json(&body).send().await.ok();
}

#[tokio::test]
async fn an_identity_that_is_taken_leaves_the_guest_a_guest() {
    let app = App::start().await;
    app.register(EMAIL).await;
    let (id, token) = app.guest().await;
    let body = json!({ "objectId": id, "email": EMAIL, "password": PASSWORD });
    let register = app.post("/users/register").token(&token).json(&body);
    register.send().await.refused(409, 3033);
    let roles = app.get("/users/userroles").token(&token).send().await.ok();
    assert_eq!(json!(["GuestUser", "JSUser"]), roles);
}
