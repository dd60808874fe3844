//! What the admin API refuses: by name, and nothing changes.

use http::Method;
use serde_json::{Value as Json, json};

use crate::app::App;

/// What an operator can see: nothing of it may change.
async fn everything(app: &App) -> Vec<Json> {
    let mut seen = Vec::new();
    for path in ["/settings", "/tables", "/roles", "/audit"] {
        seen.push(app.admin(Method::GET, path).send().await.ok());
    }
    seen
}

#[tokio::test]
async fn queries_that_a_route_does_not_know_are_refused_by_name() {
    let app = App::start().await;
    let (ann, _) = app.ann().await;
    let before = everything(&app).await;
    let sessions = format!("/users/{ann}/sessions");
    let session = format!("{sessions}/0");
    for (method, path) in [
        (Method::GET, "/app"),
        (Method::GET, "/settings"),
        (Method::PATCH, "/settings"),
        (Method::GET, "/handlers"),
        (Method::GET, "/guests"),
        (Method::GET, "/guests/plan"),
        (Method::GET, "/audit"),
        (Method::GET, "/tables"),
        (Method::POST, "/tables"),
        (Method::DELETE, "/tables/Users"),
        (Method::POST, "/tables/Users/columns"),
        (Method::PATCH, "/tables/Users/columns/name"),
        (Method::DELETE, "/tables/Users/columns/name"),
        (Method::GET, "/tables/Users/rows"),
        (Method::PATCH, "/tables/Users/rows/1"),
        (Method::GET, "/roles"),
        (Method::POST, "/roles"),
        (Method::DELETE, "/roles/Support"),
        (Method::GET, "/permissions"),
        (Method::PUT, "/permissions"),
        (Method::GET, "/users/1/roles"),
        (Method::POST, "/users/1/roles"),
        (Method::DELETE, "/users/1/roles/Support"),
        (Method::GET, sessions.as_str()),
        (Method::DELETE, sessions.as_str()),
        (Method::DELETE, session.as_str()),
    ] {
        for query in ["pagesize=1", "nonsense", "a&nonsense=1"] {
            let name = query.split(['=', '&']).next().unwrap();
            let path = format!("{path}?{query}");
            let ask = app.admin(method.clone(), &path).json(&json!({}));
            let message = ask.send().await.refused(400, 8008);
            assert!(message.contains(name), "{path}: {message}");
        }
    }
    assert_eq!(before, everything(&app).await);
}

#[tokio::test]
async fn pages_out_of_bounds_are_refused_by_name() {
    let app = App::start().await;
    let (ann, _) = app.ann().await;
    for path in ["/audit".to_owned(), format!("/users/{ann}/sessions")] {
        for (name, value) in [
            ("pageSize", "0"),
            ("pageSize", "1001"),
            ("pageSize", "-1"),
            ("pageSize", "ten"),
            ("pageSize", "1.5"),
            ("pageSize", "99999999999999999999"),
            ("offset", "-1"),
            ("offset", "x"),
            ("offset", "1000000001"),
        ] {
            let ask = app.admin(Method::GET, &format!("{path}?{name}={value}"));
            let message = ask.send().await.refused(400, 8008);
            assert!(message.contains(name), "{message}");
        }
        // An empty value is none.
        let ask = app.admin(Method::GET, &format!("{path}?pageSize=&offset="));
        ask.send().await.ok();
    }
}

#[tokio::test]
async fn methods_that_a_route_does_not_have_are_refused() {
    let app = App::start().await;
    let before = everything(&app).await;
    for (path, methods) in [
        ("/app", vec![Method::POST, Method::PATCH, Method::DELETE]),
        ("/settings", vec![Method::POST, Method::PUT, Method::DELETE]),
        ("/audit", vec![Method::POST, Method::DELETE]),
        ("/tables", vec![Method::PUT, Method::DELETE, Method::PATCH]),
        ("/tables/Users", vec![Method::GET, Method::POST]),
        ("/tables/Users/columns", vec![Method::GET, Method::DELETE]),
        ("/tables/Users/columns/name", vec![Method::GET, Method::PUT]),
        ("/tables/Users/rows", vec![Method::POST, Method::DELETE]),
        ("/users/1/sessions", vec![Method::POST, Method::PATCH]),
        ("/users/1/sessions/1", vec![Method::GET, Method::PUT]),
        ("/roles", vec![Method::PUT, Method::DELETE]),
        ("/roles/Support", vec![Method::GET, Method::POST]),
        ("/permissions", vec![Method::POST, Method::DELETE]),
        ("/users/1/roles", vec![Method::PUT, Method::DELETE]),
        ("/handlers", vec![Method::POST, Method::DELETE]),
        ("/guests", vec![Method::POST, Method::DELETE]),
        ("/guests/plan", vec![Method::POST, Method::DELETE]),
    ] {
        for method in methods {
            let answer = app
                .admin(method.clone(), path)
                .json(&json!({}))
                .send()
                .await;
            assert_eq!(405, answer.status, "{method} {path}: {}", answer.text);
        }
    }
    assert_eq!(before, everything(&app).await);
}

/// Every setting, with values that are of the wrong type or out of range.
fn wrong_settings() -> Vec<(&'static str, &'static str, Vec<Json>)> {
    let no_truths = || vec![json!(null), json!(1), json!("true"), json!([]), json!({})];
    let no_numbers = |most: i64| {
        vec![
            json!(-1),
            json!(most + 1),
            json!(i64::MAX),
            json!(1.5),
            json!("1"),
            json!(true),
            json!(null),
            json!([1]),
            json!({}),
        ]
    };
    let no_words = || {
        vec![
            json!(""),
            json!("Own"),
            json!(1),
            json!(null),
            json!(["own"]),
        ]
    };
    let (seconds, number) = (2_592_000, 1_000_000);
    vec![
        ("registration", "enabled", no_truths()),
        ("registration", "emailConfirmationRequired", no_truths()),
        ("login", "enabled", no_truths()),
        ("login", "multipleLogins", no_truths()),
        ("login", "maxConcurrentLogins", no_numbers(number)),
        ("login", "rejectSecondLogin", no_truths()),
        ("login", "lockAfterFailedLogins", no_numbers(number)),
        ("login", "lockSeconds", no_numbers(seconds)),
        ("sessions", "inactivityTimeoutSeconds", no_numbers(seconds)),
        ("sessions", "absoluteLifetimeSeconds", no_numbers(seconds)),
        ("schema", "dynamic", no_truths()),
        ("permissions", "base", no_words()),
        ("guests", "enabled", no_truths()),
        ("guests", "cleanup", no_truths()),
        ("guests", "sweepSeconds", no_numbers(seconds)),
        ("guests", "ownedRows", no_words()),
        ("guests", "perAddressPerMinute", no_numbers(number)),
    ]
}

#[tokio::test]
async fn every_setting_refuses_what_it_cannot_be_by_name_and_nothing_changes() {
    let app = App::start().await;
    let before = everything(&app).await;
    let mut seen = 0;
    for (group, name, wrong) in wrong_settings() {
        let key = format!("{group}.{name}");
        assert!(!before[0][group][name].is_null(), "there is no {key}");
        for value in wrong {
            // What is right beside it is not done either.
            let other = if group == "guests" { "login" } else { "guests" };
            let mut body = json!({ group: { name: value.clone() } });
            body[other] = json!({ "enabled": false });
            let ask = app.admin(Method::PATCH, "/settings").json(&body);
            let message = ask.send().await.refused(400, 8008);
            assert!(message.contains(&key), "{key} = {value}: {message}");
        }
        seen += 1;
    }
    let groups = before[0].as_object().unwrap().values();
    let settings: usize = groups.map(|group| group.as_object().unwrap().len()).sum();
    assert_eq!(settings, seen, "a setting is not tested");
    assert_eq!(before, everything(&app).await);
}

#[tokio::test]
async fn the_ends_of_every_range_are_taken() {
    let app = App::start().await;
    for (group, name, most) in [
        ("login", "maxConcurrentLogins", 1_000_000),
        ("login", "lockAfterFailedLogins", 1_000_000),
        ("login", "lockSeconds", 2_592_000),
        ("sessions", "inactivityTimeoutSeconds", 2_592_000),
        ("sessions", "absoluteLifetimeSeconds", 2_592_000),
        ("guests", "sweepSeconds", 2_592_000),
        ("guests", "perAddressPerMinute", 1_000_000),
    ] {
        for value in [most, 0] {
            app.set(json!({ group: { name: value } })).await;
            let settings = app.admin(Method::GET, "/settings").send().await.ok();
            assert_eq!(json!(value), settings[group][name], "{group}.{name}");
        }
    }
}
