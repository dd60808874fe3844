use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::app::{App, BL_KEY, EMAIL, PASSWORD};

/// Routes on which a dead token counts as none.
const IGNORING: [(Method, &str, &str); 4] = [
    (Method::GET, "/info", ""),
    (Method::POST, "/users/register/guest", ""),
    (
        Method::POST,
        "/users/register",
        r#"{"email":"bob@example.com","password":"p"}"#,
    ),
    (Method::GET, "/users/isvalidusertoken/x", ""),
];

/// Routes on which a dead token is refused.
///
/// Whatever else is wrong with the request: or else its client would never hear that it must log
/// in again.
const REFUSING: [(Method, &str, &str); 31] = [
    (Method::GET, "/users/logout", ""),
    (Method::GET, "/users/U", ""),
    (Method::PUT, "/users/U", "{}"),
    (Method::GET, "/data/Users/U", ""),
    (Method::GET, "/data/Users", ""),
    (Method::POST, "/data/Users/find", "{}"),
    (Method::GET, "/users/userroles", ""),
    (Method::GET, "/users/userclassprops", ""),
    (Method::POST, "/servercode/events/e", "{}"),
    (Method::PUT, "/users/U", "{"),
    (Method::GET, "/data/Nope", ""),
    (Method::POST, "/data/Users/find", r#"{"where":"x"}"#),
    (Method::POST, "/data/Order", "{"),
    (Method::PUT, "/data/Order", "{}"),
    (Method::PUT, "/data/Order/upsert", "{}"),
    (Method::PUT, "/data/Order/deep-save", "{}"),
    (Method::POST, "/data/Order/count", "{}"),
    (Method::GET, "/data/Order/pk?a=1", ""),
    (Method::GET, "/data/Order/properties", ""),
    (Method::GET, "/data/Order/table-name", ""),
    (Method::PUT, "/data/Order/1", "{}"),
    (Method::DELETE, "/data/Order/1", ""),
    (Method::GET, "/data/Order/1/items", ""),
    (Method::POST, "/data/Order/1/items", "[]"),
    (Method::PUT, "/data/Order/1/items", ""),
    (Method::DELETE, "/data/Order/1/items", "{"),
    (Method::POST, "/data/bulk/Order", "[{}]"),
    (Method::PUT, "/data/bulk/Order", "{}"),
    (Method::POST, "/data/bulk/Order/delete", "{}"),
    (Method::PUT, "/data/bulkupsert/Order", "[{}]"),
    (Method::POST, "/data/data-grouping/Order/count", "{}"),
];

const DEAD: &str = "dead-token";

#[tokio::test]
async fn a_dead_token_is_ignored_where_somebody_comes_in() {
    let app = App::start().await;
    for (method, path, body) in IGNORING {
        let answer = app.ask(method, path).token(DEAD).body(body).send().await;
        answer.ok();
    }
    app.register(EMAIL).await;
    let body = json!({ "login": EMAIL, "password": PASSWORD });
    let login = app.post("/users/login").token(DEAD).json(&body).send();
    login.await.ok();
}

#[tokio::test]
async fn a_dead_token_is_refused_with_3064_everywhere_else() {
    let app = App::start().await;
    for (method, path, body) in REFUSING {
        let answer = app.ask(method, path).token(DEAD).body(body).send().await;
        let message = answer.refused(401, 3064);
        assert_eq!(
            "Not existing user token - dead-token. Relogin user to update your user token",
            message
        );
    }
}

#[tokio::test]
async fn a_dead_token_is_repeated_cut_to_what_a_token_can_look_like() {
    let app = App::start().await;
    let token = format!("<script>{}", "x".repeat(100));
    let answer = app.get("/users/logout").token(&token).send().await;
    let shown = format!("script{}", "x".repeat(58));
    let message = answer.refused(401, 3064);
    assert!(message.contains(&format!("- {shown}. ")), "{message}");
}

#[tokio::test]
async fn an_empty_token_is_none() {
    let app = App::start().await;
    app.get("/users/logout").token("").send().await.empty();
}

#[tokio::test]
async fn logout_without_a_token_succeeds() {
    let app = App::start().await;
    app.get("/users/logout").send().await.empty();
}

#[tokio::test]
async fn a_session_that_ended_is_dead() {
    let app = App::start().await;
    let (id, token) = app.guest().await;
    app.get(&format!("/users/{id}"))
        .token(&token)
        .send()
        .await
        .ok();
    app.get("/users/logout").token(&token).send().await.empty();
    app.get("/users/logout")
        .token(&token)
        .send()
        .await
        .refused(401, 3064);
    let valid = format!("/users/isvalidusertoken/{token}");
    assert_eq!(
        json!(false),
        app.get(&valid).token(&token).send().await.ok()
    );
}

#[tokio::test]
async fn asking_whether_a_token_is_valid_answers_a_bare_truth_value() {
    let app = App::start().await;
    let (_, token) = app.guest().await;
    let ask = |token: &str| app.get(&format!("/users/isvalidusertoken/{token}"));
    assert_eq!("true", ask(&token).send().await.text);
    for other in ["x", "undefined", "%ff", "%00", "a.b", &token[1..]] {
        assert_eq!("false", ask(other).send().await.text, "{other}");
    }
}

#[tokio::test]
async fn asking_whether_a_token_is_valid_does_not_use_the_session() {
    let app = App::start().await;
    let (id, token) = app.guest().await;
    let valid = format!("/users/isvalidusertoken/{token}");
    app.clock.advance(Duration::from_secs(2400));
    assert_eq!("true", app.get(&valid).token(&token).send().await.text);
    app.clock.advance(Duration::from_secs(2400));
    assert_eq!("false", app.get(&valid).token(&token).send().await.text);
    let read = app.get(&format!("/users/{id}")).token(&token).send().await;
    read.refused(401, 3064);
}

#[tokio::test]
async fn a_call_uses_the_session() {
    let app = App::start().await;
    let (id, token) = app.guest().await;
    let read = format!("/users/{id}");
    for _ in 0..3 {
        app.clock.advance(Duration::from_secs(2400));
        app.get(&read).token(&token).send().await.ok();
    }
}

#[tokio::test]
async fn a_disabled_user_can_do_nothing_but_leave() {
    let app = App::start().await;
    let (id, token) = app.ann().await;
    app.disable(&id).await;
    for (method, path, body) in &REFUSING[1..] {
        let ask = app.ask(method.clone(), path).token(&token).body(*body);
        ask.send().await.refused(400, 3090);
    }
    let valid = format!("/users/isvalidusertoken/{token}");
    assert_eq!("false", app.get(&valid).token(&token).send().await.text);
    app.get("/users/logout").token(&token).send().await.empty();
    let dead = app.get("/users/logout").token(&token).send().await;
    dead.refused(401, 3064);
}

#[tokio::test]
async fn the_token_of_a_disabled_user_counts_as_none_where_somebody_comes_in() {
    let app = App::start().await;
    let (id, token) = app.ann().await;
    app.disable(&id).await;
    for (method, path, body) in IGNORING {
        app.ask(method, path)
            .token(&token)
            .body(body)
            .send()
            .await
            .ok();
    }
    // Somebody else can log in from the same device; the disabled user cannot.
    app.register("eve@example.com").await;
    let login = |email: &str| {
        let body = json!({ "login": email, "password": PASSWORD });
        app.post("/users/login").token(&token).json(&body).send()
    };
    login("eve@example.com").await.ok();
    login(EMAIL).await.refused(400, 3090);
}

#[tokio::test]
async fn enabling_a_user_revives_the_session() {
    let app = App::start().await;
    let (id, token) = app.ann().await;
    app.disable(&id).await;
    let status = json!({ "userStatus": "ENABLED" });
    let path = format!("/users/{id}/status");
    app.put(&path)
        .key(BL_KEY)
        .json(&status)
        .send()
        .await
        .empty();
    app.get("/users/userroles").token(&token).send().await.ok();
}

#[tokio::test]
async fn a_token_is_good_with_every_key_of_the_app() {
    let app = App::start().await;
    let (_, token) = app.ann().await;
    let ask = app.get("/users/userroles").key(BL_KEY).token(&token);
    assert_eq!(
        json!(["AuthenticatedUser", "ServerCodeUser"]),
        ask.send().await.ok()
    );
}
