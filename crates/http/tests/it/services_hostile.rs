//! Calls of services that no honest client makes.

use http::Method;
use serde_json::json;
use vestibule::prelude::*;

use crate::{app::App, services::Library};

#[derive(Default)]
struct Cellar;

#[service("cellar", collect = false)]
impl Cellar {
    #[post("/look", access = server)]
    async fn look(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

async fn app() -> App {
    App::with(|builder| builder.handler::<Library>().handler::<Cellar>()).await
}

#[tokio::test]
async fn a_slash_too_many_as_the_sdk_writes_it_changes_nothing() {
    let app = app().await;
    for path in ["text", "/text", "//text", "/text/", "/text//"] {
        let ask = app.post(&format!("/services/library/{path}")).body("tea");
        let ask = ask.header("content-type", "text/plain");
        assert_eq!(json!("tea"), ask.send().await.ok(), "{path}");
    }
    // An encoded slash is part of a segment, an encoded nothing is nothing.
    let answer = app.post("/services/library/shelves%2F7").send().await;
    answer.refused(400, 14002);
}

#[tokio::test]
async fn a_key_that_is_given_twice_is_refused_wherever_it_stands() {
    let app = app().await;
    let (_, token) = app.guest().await;
    let ask = app.post("/services/library/shelves").token(&token);
    let ask = ask.header("content-type", "application/json");
    let ask = ask.body(r#"{"shelf":1,"shelf":2}"#).send().await;
    assert_eq!(400, ask.status, "{}", ask.text);
    // What says nothing of JSON is read as strictly.
    let ask = app.post("/services/library/shelves").token(&token);
    let ask = ask.body(r#"{"shelf":1,"shelf":2}"#).send().await;
    let message = ask.refused(400, 14009);
    assert!(message.contains("'shelf'"), "{message}");
    let ask = app
        .post("/services/library/any")
        .body(r#"{"a":{"b":1,"b":2}}"#);
    let ask = ask.header("content-type", "application/json").send().await;
    assert_eq!(400, ask.status, "{}", ask.text);
    let find = "/services/library/shelves/7/Emma?verbose=true&verbose=false";
    app.get(find).send().await.refused(400, 14009);
}

#[tokio::test]
async fn json_of_any_depth_is_answered_and_breaks_nothing() {
    let app = app().await;
    for depth in [100, 127, 128, 129, 10_000, 200_000] {
        let deep = "[".repeat(depth) + &"]".repeat(depth);
        let objects = r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
        for (path, kind) in [
            ("any", "application/json"),
            ("any", "text/plain"),
            ("shelves/7", "application/json"),
            ("typed", ""),
            ("text", "application/json"),
        ] {
            for body in [&deep, &objects] {
                let mut ask = app
                    .post(&format!("/services/library/{path}"))
                    .body(body.clone());
                if !kind.is_empty() {
                    ask = ask.header("content-type", kind);
                }
                let answer = ask.send().await;
                assert!(
                    [200, 400, 413].contains(&answer.status),
                    "{path} {kind} {depth}"
                );
                assert!(
                    answer.status == 200 || answer.text.len() < 2000,
                    "{path} {kind} {depth}"
                );
            }
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_and_nul_break_nothing() {
    let app = app().await;
    for path in [
        "%00",
        "%ff",
        "a%00b",
        "%",
        "%zz",
        "..",
        "%2e%2e",
        "%0d%0aset-cookie:%20a=b",
    ] {
        for service in ["library", path] {
            let answer = app.raw(Method::POST, &format!("/services/{service}/{path}"));
            let answer = answer.key(crate::app::BL_KEY).send().await;
            assert!(
                (400..500).contains(&answer.status),
                "{service}/{path} {}",
                answer.text
            );
            assert_eq!(None, answer.header("set-cookie"));
        }
    }
    let answer = app
        .post("/services/library/text")
        .body(vec![0xff, 0, 0xfe])
        .send()
        .await;
    assert!((400..500).contains(&answer.status), "{}", answer.text);
    let ask = app
        .post("/services/library/text")
        .header("content-type", "application/json");
    ask.body("\"\\u0000\"").send().await.refused(400, 8008);
}

#[tokio::test]
async fn a_handler_cannot_be_talked_into_a_header_of_its_caller() {
    let app = app().await;
    let ask = app.post("/services/library/typed");
    let ask = ask.json(&json!({ "kind": "text/html\r\nset-cookie: a=b", "value": "x" }));
    let answer = ask.header("content-type", "application/json").send().await;
    assert!(answer.status >= 400, "{}", answer.text);
    assert_eq!(None, answer.header("set-cookie"));
}

#[tokio::test]
async fn a_stranger_hears_of_no_service_that_is_for_server_code_alone() {
    let app = app().await;
    for service in ["shop", "shop/", "shop//x"] {
        let message = app.post(&format!("/services/{service}/buy")).send().await;
        assert!(!message.text.contains("cellar"), "{}", message.text);
    }
    let message = app.post("/services/library/nothing").send().await;
    let message = message.refused(400, 14002);
    assert!(!message.contains("DELETE /shelves/{shelf}"), "{message}");
    let message = app.delete("/services/library/shelves").send().await;
    let message = message.refused(400, 14002);
    assert!(!message.contains("DELETE /shelves/{shelf}"), "{message}");
}
