//! `/services/{service}/{*path}`.

use http::Method;
use serde_json::{Value as Json, json};
use vestibule::prelude::*;

use crate::app::{App, BL_KEY};

/// A library, which answers what it was asked.
#[derive(Default)]
pub(crate) struct Library;

#[service("library", collect = false)]
impl Library {
    /// Finds a book.
    ///
    /// By its shelf and its title.
    #[get("/shelves/{shelf}/{title}", access = anyone)]
    async fn find(
        &self,
        shelf: u32,
        title: String,
        verbose: Option<bool>,
        _ctx: &Context,
    ) -> Result<Json> {
        Ok(json!([shelf, title, verbose]))
    }

    #[post("/shelves", access = user)]
    async fn put_up(&self, shelf: u32, colour: Option<String>, ctx: &Context) -> Result<()> {
        ctx.response().set_status(201)?;
        let record = record! { "number" => i64::from(shelf), "colour" => colour };
        ctx.cloud().data("Shelf").create(record).await?;
        Ok(())
    }

    #[put("/shelves/{shelf}", access = anyone)]
    async fn fill(&self, shelf: u32, #[body] titles: Vec<String>, _ctx: &Context) -> Result<Json> {
        Ok(json!([shelf, titles]))
    }

    #[patch("/shelves/{shelf}", access = anyone)]
    async fn paint(&self, shelf: u32, colour: String, _ctx: &Context) -> Result<Json> {
        Ok(json!([shelf, colour]))
    }

    #[delete("/shelves/{shelf}", access = server)]
    async fn take_down(&self, shelf: u32, _ctx: &Context) -> Result<u32> {
        Ok(shelf)
    }

    #[post("/any", access = anyone)]
    async fn any(&self, #[body] value: Option<Json>, _ctx: &Context) -> Result<Option<Json>> {
        Ok(value)
    }

    #[post("/text", access = anyone)]
    async fn text(&self, #[body] text: String, _ctx: &Context) -> Result<String> {
        Ok(text)
    }

    /// Answers a value, which is said to be of some type, or an error.
    #[post("/typed", access = anyone)]
    async fn typed(&self, kind: String, value: Option<Json>, ctx: &Context) -> Result<Json> {
        ctx.response().set_header("content-type", &kind)?;
        ctx.response().set_cookie(Cookie::new("one", "1"))?;
        ctx.response().set_cookie(Cookie::new("two", "2"))?;
        value.ok_or_else(|| Error::refused(4242).saying("<b>nothing</b>"))
    }
}

async fn app() -> App {
    App::with(|builder| builder.handler::<Library>()).await
}

#[tokio::test]
async fn every_verb_has_its_method() {
    let app = app().await;
    let find = app.get("/services/library/shelves/7/Emma?verbose=true");
    assert_eq!(json!([7, "Emma", true]), find.send().await.ok());
    let fill = app
        .put("/services/library/shelves/7")
        .json(&json!(["Emma"]));
    assert_eq!(json!([7, ["Emma"]]), fill.send().await.ok());
    let paint = app.ask(Method::PATCH, "/services/library/shelves/7");
    let paint = paint.json(&json!({ "colour": "red" })).send().await;
    assert_eq!(json!([7, "red"]), paint.ok());
    let take_down = app.delete("/services/library/shelves/7").key(BL_KEY);
    assert_eq!(json!(7), take_down.send().await.ok());
    let (_, token) = app.guest().await;
    let put_up = app.post("/services/library/shelves").token(&token);
    let put_up = put_up.json(&json!({ "shelf": 7 })).send().await;
    assert_eq!((201, "null"), (put_up.status, put_up.text.as_str()));
    assert_eq!(1, app.count("Shelf", "number = 7").await);
}

#[tokio::test]
async fn a_head_has_no_effect_and_says_which_verbs_there_are() {
    let app = app().await;
    let path = "/services/library/shelves/7/Emma";
    let head = app.ask(Method::HEAD, path).send().await;
    assert_eq!(405, head.status);
    let options = app.ask(Method::OPTIONS, path).send().await;
    assert_eq!(204, options.status);
}

#[tokio::test]
async fn each_part_of_a_path_is_decoded_after_it_was_split() {
    let app = app().await;
    for (written, title) in [
        ("War%20and%20Peace", "War and Peace"),
        ("and%2For", "and/or"),
        ("%C4%8Caj+1", "Čaj+1"),
        ("100%25", "100%"),
        ("a:b", "a:b"),
        ("7", "7"),
    ] {
        let path = format!("/services/library/shelves/7/{written}");
        let found = app.get(&path).send().await.ok();
        assert_eq!(json!([7, title, null]), found, "{written}");
    }
    for written in ["%FF", "a%00b"] {
        let path = format!("/services/library/shelves/7/{written}");
        app.get(&path).send().await.refused(400, 8008);
    }
}

#[tokio::test]
async fn a_body_is_what_its_content_type_says() {
    let app = app().await;
    let any = async |content_type: Option<&str>, body: &str| {
        let ask = app.post("/services/library/any").body(body.to_owned());
        let ask = match content_type {
            Some(content_type) => ask.header("content-type", content_type),
            None => ask,
        };
        ask.send().await
    };
    let json_type = Some("application/json; charset=utf-8");
    for value in [
        json!({"a": [1]}),
        json!([1]),
        json!("a"),
        json!(1.5),
        json!(true),
    ] {
        let answer = any(json_type, &value.to_string()).await;
        assert_eq!(value, answer.ok());
    }
    for nothing in ["", " \n", "null"] {
        assert_eq!(
            Json::Null,
            any(json_type, nothing).await.ok(),
            "{nothing:?}"
        );
    }
    for text in ["hello", "42", "[1", "{\"a\":1}", " "] {
        for content_type in [None, Some("text/plain;charset=UTF-8")] {
            let answer = any(content_type, text).await;
            assert_eq!(json!(text), answer.ok());
        }
    }
    any(json_type, "{\"a\":").await.refused(400, 8002);
    any(json_type, "{\"a\":1,\"a\":2}").await.refused(400, 8001);
    any(json_type, "\"a\\u0000\"").await.refused(400, 8008);
    any(None, "a\0b").await.refused(400, 8008);
    let not_utf8 = app.post("/services/library/any").body(vec![0xFF]);
    not_utf8.send().await.refused(400, 8002);
}

#[tokio::test]
async fn a_text_that_looks_like_json_is_still_a_text_and_serves_as_an_object_too() {
    let app = app().await;
    for text in ["{\"a\":1}", "[1]", "null", "\"quoted\""] {
        let answer = app.post("/services/library/text").body(text).send().await;
        assert_eq!(json!(text), answer.ok());
    }
    let (_, token) = app.guest().await;
    // As `curl -d` sends it.
    let form = app.post("/services/library/shelves").token(&token);
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let answer = form.body("{\"shelf\": 8}").send().await;
    assert_eq!(201, answer.status, "{}", answer.text);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_here_as_elsewhere() {
    let app = app().await;
    let large = "x".repeat(1024 * 1024 + 1);
    let answer = app.post("/services/library/text").body(large).send().await;
    answer.refused(413, 8000);
}

#[tokio::test]
async fn what_is_not_there_is_told_with_what_is() {
    let app = app().await;
    let message = app.post("/services/shop/buy").send().await;
    let message = message.refused(400, 14001);
    assert!(message.contains("shop"), "{message}");
    for path in ["", "/", "/nothing", "/shelves/7/Emma/more"] {
        let answer = app.post(&format!("/services/library{path}")).send().await;
        let message = answer.refused(400, 14002);
        assert!(message.contains("POST /text"), "{message}");
    }
    let answer = app.ask(Method::PUT, "/services/library/text").send().await;
    let message = answer.refused(400, 14002);
    assert!(message.contains("there it takes POST"), "{message}");
    app.post("/services").send().await.refused(404, 2001);
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_named_and_nobody_else_hears_what_a_method_takes() {
    let app = app().await;
    let (_, token) = app.guest().await;
    let put_up = async |token: &str, body: Json| {
        let ask = app.post("/services/library/shelves").token(token);
        ask.json(&body)
            .header("content-type", "application/json")
            .send()
            .await
    };
    for (body, code, named) in [
        (json!({}), 14009, "shelf"),
        (json!({ "shelf": null }), 14009, "shelf"),
        (json!({ "shelf": 1, "color": "red" }), 14009, "color"),
        (json!([1]), 14009, "colour"),
        (json!({ "shelf": "one" }), 8008, "shelf"),
    ] {
        let message = put_up(&token, body).await.refused(400, code);
        assert!(message.contains(named), "{message}");
    }
    let message = put_up("", json!({})).await.refused(403, 14008);
    assert!(
        !message.contains("shelf") && !message.contains("colour"),
        "{message}"
    );
}

#[tokio::test]
async fn a_post_reaches_the_only_method_of_another_verb_as_the_sdk_needs_it() {
    let app = app().await;
    let find = app.post("/services/library/shelves/7/Emma");
    let find = find.header("content-type", "application/json");
    let found = find.json(&json!({ "verbose": true })).send().await.ok();
    assert_eq!(json!([7, "Emma", true]), found);
    // Three verbs share this path, so nobody could say which is meant.
    let unclear = app.post("/services/library/shelves/7").send().await;
    unclear.refused(400, 14002);
}

#[tokio::test]
async fn a_text_is_answered_as_it_is_if_a_handler_says_that_it_is_no_json() {
    let app = app().await;
    let typed = async |kind: &str, value: Json| {
        let body = json!({ "kind": kind, "value": value });
        app.post("/services/library/typed").json(&body).send().await
    };
    let page = typed("text/html; charset=utf-8", json!("<p>\"hi\"</p>")).await;
    assert_eq!((200, "<p>\"hi\"</p>"), (page.status, page.text.as_str()));
    assert_eq!(
        Some("text/html; charset=utf-8"),
        page.header("content-type")
    );
    assert_eq!(Some("nosniff"), page.header("x-content-type-options"));
    for kind in ["application/json", "application/problem+json", "Text/JSON"] {
        assert_eq!("\"hi\"", typed(kind, json!("hi")).await.text, "{kind}");
    }
    assert_eq!("[\"hi\"]", typed("text/plain", json!(["hi"])).await.text);
    let refused = typed("text/html", Json::Null).await;
    assert_eq!("<b>nothing</b>", refused.refused(400, 4242));
}

#[tokio::test]
async fn cookies_are_headers_of_their_own_and_leave_with_failures_too() {
    let app = app().await;
    for value in [json!("hi"), Json::Null] {
        let body = json!({ "kind": "text/plain", "value": value });
        let answer = app.post("/services/library/typed").json(&body).send().await;
        let cookies = answer.headers.get_all("set-cookie").iter();
        let cookies: Vec<_> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
        let rest = "; Path=/; Secure; HttpOnly; SameSite=Lax";
        assert_eq!(
            [format!("one=1{rest}"), format!("two=2{rest}")],
            cookies[..]
        );
        assert_eq!(Some("*"), answer.header("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_client_that_does_not_wait_hears_null_and_what_can_be_known_at_once() {
    let app = app().await;
    let put_up = async |key: &'static str, execution: &str, body: Json| {
        let ask = app.post("/services/library/shelves").key(key);
        let ask = ask.header("bl-execution-type", execution);
        ask.json(&body).send().await
    };
    for execution in ["async", "async-low-priority"] {
        let answer = put_up(BL_KEY, execution, json!({ "shelf": 1 })).await;
        assert_eq!(Json::Null, answer.ok());
    }
    app.engine.settled().await;
    assert_eq!(2, app.count("Shelf", "number = 1").await);
    let wrong = put_up(BL_KEY, "async", json!({ "shelf": "one" })).await;
    wrong.refused(400, 8008);
    let denied = put_up(crate::app::JS_KEY, "async", json!({ "shelf": 1 })).await;
    denied.refused(403, 14008);
    let message = put_up(BL_KEY, "later", json!({ "shelf": 1 })).await;
    let message = message.refused(400, 8008);
    assert!(message.contains("async-low-priority"), "{message}");
}

#[tokio::test]
async fn the_operator_sees_each_method_with_who_may_call_it() {
    let app = app().await;
    let events = app.admin(Method::GET, "/handlers").send().await.ok();
    let events = events.as_array().unwrap();
    let invoke = events
        .iter()
        .find(|event| event["event"] == "invokeService");
    let handlers = invoke.unwrap()["handlers"].as_array().unwrap();
    let put_up = handlers
        .iter()
        .find(|handler| handler["method"] == "library POST /shelves")
        .unwrap();
    assert_eq!("service", put_up["phase"]);
    assert_eq!("it::services::Library::put_up", put_up["path"]);
    assert_eq!("user", put_up["access"]);
    assert_eq!(Json::Null, invoke.unwrap()["access"]);
}
