use serde_json::json;

use crate::app::{App, BL_KEY, EMAIL, PASSWORD};

#[tokio::test]
async fn the_code_runner_key_logs_anybody_in_by_object_id() {
    let app = App::start().await;
    let user = app.register(EMAIL).await;
    let (guest, _) = app.guest().await;
    for id in [user["objectId"].as_str().unwrap(), &guest] {
        let body = json!({ "objectId": id });
        let ask = app.post("/users/login").key(BL_KEY).json(&body);
        let login = ask.send().await.ok();
        assert_eq!(id, login["objectId"]);
        let token = login["user-token"].as_str().unwrap();
        app.get("/users/userroles").token(token).send().await.ok();
    }
}

#[tokio::test]
async fn every_other_key_is_refused_with_2014_before_the_id_is_looked_at() {
    let app = App::start().await;
    for body in [
        json!({ "objectId": "U" }),
        json!({ "objectId": null }),
        json!({ "objectId": 7 }),
    ] {
        let answer = app.post("/users/login").json(&body).send().await;
        assert_eq!(
            "Login by object id is allowed only for Code Runner API key",
            answer.refused(400, 2014)
        );
    }
}

#[tokio::test]
async fn a_login_by_object_id_of_nobody_is_refused_with_the_code_of_its_kind() {
    let app = App::start().await;
    for (code, id) in [
        (3057, json!("no-such-id")),
        (3038, json!(null)),
        (8008, json!(7)),
    ] {
        let body = json!({ "objectId": id });
        let ask = app.post("/users/login").key(BL_KEY).json(&body);
        ask.send().await.refused(400, code);
    }
}

#[tokio::test]
async fn a_password_is_verified_for_the_code_runner_under_both_spellings() {
    let app = App::start().await;
    let (_, token) = app.ann().await;
    for path in ["/users/verifypassowrd", "/users/verifypassword"] {
        for (password, valid) in [(PASSWORD, true), ("wrong", false)] {
            let body = json!({ "password": password });
            let ask = app.post(path).key(BL_KEY).token(&token).json(&body);
            assert_eq!(json!({ "valid": valid }), ask.send().await.ok());
        }
    }
}

#[tokio::test]
async fn a_password_is_not_verified_for_other_keys_whatever_else_is_wrong() {
    let app = App::start().await;
    for body in ["{}", "{", ""] {
        let ask = app.post("/users/verifypassowrd").token("dead").body(body);
        assert_eq!(
            "Password verification allowed only from CloudCode",
            ask.send().await.refused(400, 3122)
        );
    }
}

#[tokio::test]
async fn a_password_is_not_verified_without_a_live_session() {
    let app = App::start().await;
    let body = json!({ "password": PASSWORD });
    let ask = app.post("/users/verifypassowrd").key(BL_KEY).json(&body);
    assert_eq!(
        "No authenticated user is associated with request",
        ask.send().await.refused(400, 3121)
    );
    let ask = app.post("/users/verifypassowrd").key(BL_KEY).json(&body);
    assert_eq!(
        "Not existing user token - invalid-token. Relogin user to update your user token",
        ask.token("invalid-token").send().await.refused(401, 3064)
    );
}

#[tokio::test]
async fn a_status_is_changed_for_the_code_runner_and_for_nobody_else() {
    let app = App::start().await;
    let (id, token) = app.ann().await;
    let path = format!("/users/{id}/status");
    let to = |status: &str| json!({ "userStatus": status });
    for body in ["{}", "{", r#"{"userStatus":"DISABLED"}"#] {
        let answer = app.put(&path).token("dead").body(body).send().await;
        assert_eq!(
            "Operation allowed only for BL logic.",
            answer.refused(400, 3054)
        );
    }
    // As in the suite of the SDK: with the own token, then without any.
    let ask = app
        .put(&path)
        .key(BL_KEY)
        .token(&token)
        .json(&to("DISABLED"));
    ask.send().await.empty();
    app.get("/users/logout")
        .key(BL_KEY)
        .token(&token)
        .send()
        .await
        .empty();
    let user = app.get(&format!("/data/Users/{id}")).send().await.ok();
    assert_eq!("DISABLED", user["userStatus"]);
    let ask = |status| app.put(&path).key(BL_KEY).json(&to(status)).send();
    ask("DISABLED").await.refused(400, 3085);
    ask("ENABLED").await.empty();
    ask("ENABLED").await.refused(400, 3086);
    let user = app.get(&format!("/data/Users/{id}")).send().await.ok();
    assert_eq!("ENABLED", user["userStatus"]);
}

#[tokio::test]
async fn a_wrong_status_or_a_wrong_user_is_refused() {
    let app = App::start().await;
    let user = app.register(EMAIL).await;
    let (guest, _) = app.guest().await;
    let id = user["objectId"].as_str().unwrap();
    let cases = [
        (3057, "no-such-id", json!({ "userStatus": "DISABLED" })),
        (3038, id, json!({})),
        (8008, id, json!({ "userStatus": "SLEEPY" })),
        (8008, id, json!({ "userStatus": "GUEST" })),
        (8008, &guest, json!({ "userStatus": "DISABLED" })),
    ];
    for (code, id, body) in cases {
        let ask = app
            .put(&format!("/users/{id}/status"))
            .key(BL_KEY)
            .json(&body);
        ask.send().await.refused(400, code);
    }
}

#[tokio::test]
async fn without_a_configured_key_nobody_is_the_code_runner() {
    let app = App::with(|builder| {
        builder.app(vestibule_core::AppConfig {
            id: Some("A".to_owned()),
            keys: vec![(vestibule_model::KeyKind::Js, "js".to_owned())],
            ..Default::default()
        })
    })
    .await;
    let body = json!({ "objectId": "U" });
    let ask = app.raw(http::Method::POST, "/A/js/users/login").json(&body);
    ask.send().await.refused(400, 2014);
    let ask = app.raw(http::Method::POST, "/A//users/login").json(&body);
    assert_ne!(200, ask.send().await.status);
}
