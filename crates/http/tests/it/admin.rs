use http::Method;
use serde_json::{Value as Json, json};
use vestibule::prelude::*;

use crate::app::{ADMIN_TOKEN, APP_ID, App, BL_KEY, JS_KEY};

#[tokio::test]
async fn every_route_wants_the_admin_token() {
    let app = App::start().await;
    let routes = [
        (Method::GET, "/app"),
        (Method::GET, "/settings"),
        (Method::PATCH, "/settings"),
        (Method::GET, "/guests"),
        (Method::GET, "/guests/plan"),
        (Method::GET, "/handlers"),
        (Method::GET, "/tables"),
        (Method::POST, "/tables"),
        (Method::DELETE, "/tables/Order"),
        (Method::POST, "/tables/Order/columns"),
        (Method::DELETE, "/tables/Order/columns/total"),
        (Method::PATCH, "/tables/Order/columns/total"),
        (Method::GET, "/tables/Order/rows"),
        (Method::PATCH, "/tables/Order/rows/1"),
        (Method::GET, "/audit"),
        (Method::GET, "/users/1/sessions"),
        (Method::DELETE, "/users/1/sessions"),
        (Method::DELETE, "/users/1/sessions/1"),
        (Method::GET, "/roles"),
        // What is not there, or not yet, says nothing else.
        (Method::POST, "/roles"),
        (Method::GET, "/nonsense"),
        (Method::GET, ""),
    ];
    for (method, path) in routes {
        let path = format!("/admin/api{path}");
        let ask = || app.raw(method.clone(), &path).peer("127.0.0.1");
        let long = format!("Bearer {}", "x".repeat(10_000));
        for wrong in [
            "Bearer wrong",
            "Bearer ",
            "Bearer",
            ADMIN_TOKEN,
            "Basic x",
            &long,
        ] {
            let answer = ask().header("authorization", wrong).send().await;
            answer.refused(401, 2000);
            assert_eq!(Some("Bearer"), answer.header("www-authenticate"));
        }
        ask().send().await.refused(401, 2000);
    }
}

#[tokio::test]
async fn the_app_is_told_with_the_keys_that_exist() {
    let app = App::start().await;
    let told = app.admin(Method::GET, "/app").send().await.ok();
    assert_eq!(APP_ID, told["appId"]);
    let keys = told["apiKeys"].as_object().unwrap();
    let mut kinds: Vec<_> = keys.keys().map(String::as_str).collect();
    kinds.sort_unstable();
    assert_eq!(vec!["ANDROID", "BL", "IOS", "JS", "REST"], kinds);
    assert_eq!(
        (JS_KEY, BL_KEY),
        (keys["JS"].as_str().unwrap(), keys["BL"].as_str().unwrap(),)
    );
}

#[tokio::test]
async fn settings_are_told_and_changed_by_the_same_shape() {
    let app = App::start().await;
    let before = app.admin(Method::GET, "/settings").send().await.ok();
    assert_eq!(
        json!({
            "registration": { "enabled": true, "emailConfirmationRequired": false },
            "login": {
                "enabled": true, "multipleLogins": false, "maxConcurrentLogins": 0,
                "rejectSecondLogin": false, "lockAfterFailedLogins": 0, "lockSeconds": 1800,
            },
            "sessions": { "inactivityTimeoutSeconds": 3600, "absoluteLifetimeSeconds": 0 },
            "schema": { "dynamic": true },
            "permissions": { "base": "everything" },
            "guests": {
                "enabled": true, "cleanup": true, "sweepSeconds": 10, "ownedRows": "leave",
                "perAddressPerMinute": 300,
            },
        }),
        before
    );
    let whole = app.admin(Method::PATCH, "/settings").json(&before);
    assert_eq!(before, whole.send().await.ok());
    let change = json!({ "sessions": { "inactivityTimeoutSeconds": 60 } });
    let after = app.admin(Method::PATCH, "/settings").json(&change);
    let mut expected = before;
    expected["sessions"]["inactivityTimeoutSeconds"] = json!(60);
    assert_eq!(expected, after.send().await.ok());
    assert_eq!(
        60,
        app.engine.settings().sessions.inactivity_timeout_seconds
    );
}

#[tokio::test]
async fn a_wrong_setting_is_refused_by_name_and_nothing_changes() {
    let app = App::start().await;
    let before = app.admin(Method::GET, "/settings").send().await.ok();
    let good = json!({ "enabled": false });
    for (name, change) in [
        (
            "login.nonsense",
            json!({ "guests": good, "login": { "nonsense": 1 } }),
        ),
        ("nonsense", json!({ "guests": good, "nonsense": {} })),
        ("login", json!({ "guests": good, "login": true })),
        (
            "login.lockSeconds",
            json!({ "guests": good, "login": { "lockSeconds": "1" } }),
        ),
        (
            "login.lockSeconds",
            json!({ "guests": good, "login": { "lockSeconds": -1 } }),
        ),
        (
            "permissions.base",
            json!({ "guests": good, "permissions": { "base": "x" } }),
        ),
        (
            "login.enabled",
            json!({ "guests": good, "login": { "enabled": null } }),
        ),
    ] {
        let ask = app.admin(Method::PATCH, "/settings").json(&change);
        let message = ask.send().await.refused(400, 8008);
        assert!(message.contains(name), "{message}");
    }
    for (code, body) in [(8002, "[]"), (8002, "{"), (8001, r#"{"a":1,"a":2}"#)] {
        let ask = app.admin(Method::PATCH, "/settings").body(body);
        ask.send().await.refused(400, code);
    }
    assert_eq!(
        before,
        app.admin(Method::GET, "/settings").send().await.ok()
    );
}

#[tokio::test]
async fn tables_are_told_with_their_columns() {
    let app = App::start().await;
    let tables = app.admin(Method::GET, "/tables").send().await.ok();
    assert_eq!(
        ("Users", true),
        (
            tables[0]["name"].as_str().unwrap(),
            tables[0]["system"].as_bool().unwrap(),
        )
    );
    assert_eq!(Some(false), tables[0]["serverOnly"].as_bool());
    let columns = tables[0]["columns"].as_array().unwrap();
    let email = columns
        .iter()
        .find(|column| column["name"] == "email")
        .unwrap();
    let mut keys: Vec<_> = email
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    let expected = [
        "cardinality",
        "default",
        "indexed",
        "name",
        "required",
        "size",
        "system",
        "toTable",
        "type",
        "unique",
        "validator",
    ];
    assert_eq!(expected.to_vec(), keys);
}

#[tokio::test]
async fn roles_are_told() {
    let app = App::start().await;
    let roles = app.admin(Method::GET, "/roles").send().await.ok();
    let guest = json!({ "name": "GuestUser", "system": true });
    assert!(roles.as_array().unwrap().contains(&guest), "{roles}");
}

/// Lets everybody in.
#[before(order = 7, timeout = "2s", on_failure = "open", collect = false)]
async fn wave_through(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

#[tokio::test]
async fn the_chain_of_each_event_is_told() {
    let app = App::with(|builder| builder.handler::<wave_through>()).await;
    app.guest().await;
    let chains = app.admin(Method::GET, "/handlers").send().await.ok();
    let chain = |name: &str| -> Json {
        let chains = chains.as_array().unwrap();
        chains.iter().find(|chain| chain["event"] == name).unwrap()["handlers"].clone()
    };
    assert_eq!(json!([]), chain("login"));
    assert_eq!(json!([]), chain("*"));
    let handler = &chain("loginAsGuest")[0];
    for (key, value) in [
        ("path", json!("it::admin::wave_through")),
        ("crate", json!("it")),
        ("phase", json!("before")),
        ("order", json!(7)),
        ("table", json!(null)),
        ("timeout", json!(2000)),
        ("policy", json!("open")),
        ("enabled", json!(true)),
        ("calls", json!(1)),
        ("failures", json!(0)),
    ] {
        assert_eq!(value, handler[key], "{key}");
    }
    assert!(handler["p50"].is_number() && handler["p99"].is_number());
    assert!(handler["file"].as_str().unwrap().ends_with("admin.rs"));
    assert!(handler["line"].is_number());
}
