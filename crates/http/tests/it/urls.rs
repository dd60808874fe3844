use http::Method;
use serde_json::json;
use vestibule_http::{HttpOptions, router};

use crate::app::{APP_ID, App, BL_KEY, JS_KEY};

#[tokio::test]
async fn both_url_forms_reach_the_same_routes() {
    let app = App::start().await;
    let paths = [
        "/api/info".to_owned(),
        "//api/info".to_owned(),
        format!("/{APP_ID}/{JS_KEY}/info"),
        format!("//{APP_ID}/{JS_KEY}/info"),
    ];
    for path in paths {
        let info = app.raw(Method::GET, &path).send().await.ok();
        let expected = json!({ "appId": APP_ID, "apiKey": JS_KEY, "loggers": [] });
        assert_eq!(expected, info, "{path}");
    }
}

#[tokio::test]
async fn without_ids_a_request_carries_the_js_key() {
    let app = App::start().await;
    let roles = app.raw(Method::GET, "/api/users/userroles").send().await;
    assert_eq!(json!(["NotAuthenticatedUser", "JSUser"]), roles.ok());
}

#[tokio::test]
async fn with_ids_a_request_carries_the_key_in_the_url() {
    let app = App::start().await;
    let roles = app.get("/users/userroles").key(BL_KEY).send().await;
    assert_eq!(json!(["ServerCodeUser"]), roles.ok());
}

#[tokio::test]
async fn a_query_survives_the_change_of_the_path() {
    let app = App::start().await;
    app.guest().await;
    app.guest().await;
    let found = app.get("/data/Users?pageSize=1").send().await.ok();
    assert_eq!(1, found.as_array().unwrap().len());
}

#[tokio::test]
async fn a_wrong_app_id_or_key_is_refused_with_2002_before_anything_else() {
    let app = App::start().await;
    let paths = [
        format!("/{APP_ID}/wrong/info"),
        format!("/wrong/{JS_KEY}/info"),
        format!("/{JS_KEY}/{APP_ID}/info"),
        format!("/{APP_ID}/wrong/no/such/route"),
        format!("/{APP_ID}/{JS_KEY}x/users/login"),
        format!("/{APP_ID}/%ff/info"),
        format!("/{APP_ID}/wrong"),
    ];
    for path in paths {
        for method in [Method::GET, Method::POST] {
            let answer = app.raw(method, &path).body("{").send().await;
            answer.refused(400, 2002);
        }
    }
}

#[tokio::test]
async fn an_unknown_route_is_404_with_the_envelope_and_does_not_repeat_the_path() {
    let app = App::start().await;
    let paths = [
        "/".to_owned(),
        "/secret-path".to_owned(),
        "/api".to_owned(),
        "/api/secret-path".to_owned(),
        "/api/users".to_owned(),
        format!("/{APP_ID}/{JS_KEY}"),
        format!("/{APP_ID}/{JS_KEY}/secret-path/x"),
        format!("/{APP_ID}/{JS_KEY}/users/register/guest/x"),
    ];
    for path in paths {
        let answer = app.raw(Method::GET, &path).send().await;
        let message = answer.refused(404, 2001);
        assert!(!message.contains("secret-path"), "{path}: {message}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_with_the_envelope_and_the_right_methods() {
    let app = App::start().await;
    for (method, path, allowed) in [
        (Method::GET, "/users/login", "POST"),
        (Method::DELETE, "/users/logout", "GET,HEAD"),
        (Method::POST, "/users/U", "GET,HEAD,PUT"),
        (Method::PATCH, "/data/Order", "GET,HEAD,POST,PUT"),
        (Method::POST, "/data/Order/1", "DELETE,GET,HEAD,PUT"),
        (
            Method::PATCH,
            "/data/Order/1/items",
            "DELETE,GET,HEAD,POST,PUT",
        ),
        (Method::GET, "/data/bulk/Order", "POST,PUT"),
        (Method::GET, "/data/Order/find", "POST"),
        (Method::PUT, "/data/data-grouping/Order", "POST"),
    ] {
        let answer = app.ask(method, path).send().await;
        answer.refused(405, 2001);
        let methods = answer.header("allow").unwrap_or_default();
        let mut methods: Vec<_> = methods.split(',').collect();
        methods.sort_unstable();
        assert_eq!(allowed, methods.join(","), "{path}");
    }
}

#[tokio::test]
async fn a_fixed_part_of_a_path_comes_before_a_variable_one() {
    let app = App::start().await;
    let ids = app.post("/data/bulk/find").json(&json!([{}])).send().await;
    assert_eq!(1, ids.ok().as_array().unwrap().len());
    assert_eq!(1, app.count("find", "").await);
    let body = json!({ "where": "created > 0" });
    let removed = app.post("/data/bulk/find/delete").json(&body).send().await;
    assert_eq!(json!(1), removed.ok());
    for path in ["/data/bulk", "/data/bulkupsert"] {
        let answer = app.post(path).json(&json!({})).send().await;
        answer.refused(400, 1154);
    }
}

#[tokio::test]
async fn a_path_is_split_before_it_is_decoded_and_a_plus_is_a_plus() {
    let app = App::start().await;
    let answer = app.get("/data/Users/a%20b%2Fc%25d%22%C3%A9+").send().await;
    let message = answer.refused(400, 1000);
    assert_eq!("Entity with ID a b/c%d\"é+ not found", message);
}

#[tokio::test]
async fn a_part_of_a_path_that_cannot_be_decoded_is_refused() {
    let app = App::start().await;
    app.get("/data/Users/%ff").send().await.refused(400, 8008);
    app.get("/data/Users/a%00b").send().await.refused(400, 8008);
}

#[tokio::test]
async fn a_key_may_hold_what_must_be_escaped() {
    let app = App::with(|builder| {
        builder.app(vestibule_core::AppConfig {
            id: Some("an/app".to_owned()),
            keys: vec![(vestibule_model::KeyKind::Js, "a key".to_owned())],
            ..Default::default()
        })
    })
    .await;
    let info = app.raw(Method::GET, "/an%2Fapp/a%20key/info").send().await;
    assert_eq!("an/app", info.ok()["appId"]);
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_a_sane_one_is_taken_over() {
    let app = App::start().await;
    for path in ["/api/info", "/nowhere", "/healthz", "/x/y/info"] {
        let made = app.raw(Method::GET, path).send().await;
        assert!(made.header("x-request-id").is_some(), "{path}");
        let ask = app.raw(Method::GET, path).header("x-request-id", "abc-1");
        assert_eq!(Some("abc-1"), ask.send().await.header("x-request-id"));
        let ask = app.raw(Method::GET, path).header("x-request-id", "a b");
        assert_ne!(Some("a b"), ask.send().await.header("x-request-id"));
    }
}

#[tokio::test]
async fn a_head_request_is_answered_like_a_get_without_its_body() {
    let app = App::start().await;
    let answer = app.ask(Method::HEAD, "/info").send().await;
    assert_eq!((200, ""), (answer.status, answer.text.as_str()));
}

#[tokio::test]
async fn answers_are_not_kept_by_caches() {
    let app = App::start().await;
    let answer = app.post("/users/register/guest").send().await;
    assert_eq!(Some("no-store"), answer.header("cache-control"));
}

#[tokio::test]
async fn two_routers_of_one_engine_live_side_by_side() {
    let app = App::start().await;
    let _second = router(app.engine.clone(), &HttpOptions::default());
    app.get("/info").send().await.ok();
}

#[tokio::test]
async fn a_base_url_with_a_slash_at_its_end_reaches_the_same_routes() {
    let app = App::start().await;
    let by_ids = format!("/{APP_ID}/{JS_KEY}//users/userroles");
    for path in ["//api/users/userroles", "/api//users/userroles", &by_ids] {
        app.raw(Method::GET, path).send().await.ok();
    }
}

#[tokio::test]
async fn a_head_logs_nobody_out() {
    let app = App::start().await;
    let (_, token) = app.guest().await;
    let head = app
        .ask(Method::HEAD, "/users/logout")
        .token(&token)
        .send()
        .await;
    assert_eq!(405, head.status);
    app.get("/users/userroles").token(&token).send().await.ok();
}
