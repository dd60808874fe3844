use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::app::{App, BL_KEY, EMAIL, PASSWORD};

/// Routes that read a body, with a key that may use them.
const READING: [(Method, &str); 15] = [
    (Method::POST, "/users/register"),
    (Method::POST, "/users/login"),
    (Method::PUT, "/users/U"),
    (Method::PUT, "/users/U/status"),
    (Method::POST, "/data/Users/find"),
    (Method::POST, "/data/Users"),
    (Method::PUT, "/data/Users"),
    (Method::PUT, "/data/Users/U"),
    (Method::PUT, "/data/Users/upsert"),
    (Method::PUT, "/data/Users/deep-save"),
    (Method::POST, "/data/Users/count"),
    (Method::PUT, "/data/bulk/Users"),
    (Method::POST, "/data/bulk/Users/delete"),
    (Method::POST, "/data/data-grouping/Users"),
    (Method::POST, "/data/data-grouping/Users/count"),
];

/// Routes that read a list.
const READING_LISTS: [(Method, &str); 5] = [
    (Method::POST, "/data/bulk/Users"),
    (Method::PUT, "/data/bulkupsert/Users"),
    (Method::POST, "/data/Users/U/friends"),
    (Method::PUT, "/data/Users/U/friends"),
    (Method::DELETE, "/data/Users/U/friends"),
];

#[tokio::test]
async fn a_body_that_is_no_list_is_refused_where_a_list_is_wanted() {
    let app = App::start().await;
    for (method, path) in READING_LISTS {
        for body in ["{", "{}", "null", "7", "[] []", "['a']", "[{\"a\":1e999}]"] {
            let ask = app.ask(method.clone(), path).body(body);
            ask.send().await.refused(400, 8002);
        }
        for body in ["[null]", "[true]", "[[]]", "[\"\\u0000\"]"] {
            let ask = app.ask(method.clone(), path).body(body);
            ask.send().await.refused(400, 8008);
        }
    }
    assert_eq!(0, app.users().await, "nothing is stored");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_with_8002() {
    let app = App::start().await;
    let bodies: [&[u8]; 10] = [
        b"{",
        b"{]",
        b"[]",
        b"null",
        b"7",
        b"\"text\"",
        b"{} {}",
        b"{'a':1}",
        b"\xff\xfe",
        b"login=a&password=b",
    ];
    for (method, path) in READING {
        for body in bodies {
            let ask = app.ask(method.clone(), path).key(BL_KEY);
            let answer = ask.body(Bytes::from_static(body)).send().await;
            answer.refused(400, 8002);
        }
    }
    assert_eq!(0, app.users().await, "nothing is stored");
}

#[tokio::test]
async fn a_body_that_is_nested_too_deeply_is_refused_with_8002() {
    let app = App::start().await;
    let body = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    for (method, path) in READING {
        let ask = app.ask(method, path).key(BL_KEY).body(body.clone());
        ask.send().await.refused(400, 8002);
    }
}

#[tokio::test]
async fn a_key_that_comes_twice_is_refused_with_8001_and_at_registration_with_3043() {
    let app = App::start().await;
    let body = r#"{"email":"a@b.c","password":"p","email":"c@d.e"}"#;
    for (method, path) in READING {
        let code = if path == "/users/register" {
            3043
        } else {
            8001
        };
        let ask = app.ask(method, path).key(BL_KEY).body(body);
        ask.send().await.refused(400, code);
    }
    assert_eq!(0, app.users().await, "nothing is stored");
}

#[tokio::test]
async fn a_nul_character_is_refused_with_8008() {
    let app = App::start().await;
    let bodies = [
        json!({ "email": "a\u{0}@b.c", "password": "p" }),
        json!({ "email": "a@b.c", "password": "p\u{0}" }),
        json!({ "email": "a@b.c", "password": "p", "name": "a\u{0}" }),
        json!({ "email": "a@b.c", "password": "p", "a\u{0}": 1 }),
        json!({ "email": "a@b.c", "password": "p", "deep": { "er": ["\u{0}"] } }),
        json!({ "login": "a\u{0}", "password": "p" }),
    ];
    for (method, path) in READING {
        for body in &bodies {
            let ask = app.ask(method.clone(), path).key(BL_KEY).json(body);
            ask.send().await.refused(400, 8008);
        }
    }
    assert_eq!(0, app.users().await, "nothing is stored");
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_with_8000_on_every_route() {
    let app = App::start().await;
    let body = format!(
        r#"{{"login":"{EMAIL}","password":"{}"}}"#,
        "x".repeat(10 * 1024 * 1024)
    );
    for (method, path) in READING {
        let ask = app.ask(method, path).key(BL_KEY).body(body.clone());
        ask.send().await.refused(413, 8000);
    }
    let guest = app.post("/users/register/guest").body(body.clone()).send();
    guest.await.refused(413, 8000);
    let patch = app.admin(Method::PATCH, "/settings").body(body).send();
    patch.await.refused(413, 8000);
    assert_eq!(0, app.users().await, "nothing is stored");
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let app = App::start().await;
    let frame = r#"{"a":""}"#;
    let fill = |length: usize| {
        let padding = "x".repeat(length - frame.len());
        app.post("/users/login")
            .body(format!(r#"{{"a":"{padding}"}}"#))
            .send()
    };
    fill(1024 * 1024).await.refused(400, 3038);
    fill(1024 * 1024 + 1).await.refused(413, 8000);
}

#[tokio::test]
async fn a_wrong_key_is_told_from_a_body_over_the_limit() {
    let app = App::start().await;
    let ask = app.raw(Method::POST, "/APP-1/wrong/users/login");
    let body = "x".repeat(2 * 1024 * 1024);
    ask.body(body).send().await.refused(400, 2002);
}

#[tokio::test]
async fn the_content_type_does_not_matter() {
    let app = App::start().await;
    app.register(EMAIL).await;
    let body = json!({ "login": EMAIL, "password": PASSWORD });
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "nonsense",
    ] {
        let ask = app.post("/users/login").json(&body);
        ask.header("content-type", content_type).send().await.ok();
    }
}

#[tokio::test]
async fn texts_of_every_language_survive() {
    let app = App::start().await;
    let name = "Zoë 🦊 \"quoted\" \\ \u{202e} \u{7f} 日本";
    let user = json!({ "email": EMAIL, "password": PASSWORD, "name": name });
    let registered = app.post("/users/register").json(&user).send().await.ok();
    assert_eq!(name, registered["name"]);
    let id = registered["objectId"].as_str().unwrap();
    let read = app.get(&format!("/users/{id}")).send().await.ok();
    assert_eq!(name, read["name"]);
}
