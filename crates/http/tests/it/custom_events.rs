//! `POST /servercode/events/{name}`.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::prelude::*;

use crate::app::{Answer, App, BL_KEY};

/// Answers the value that it was given.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "echo", output = Json, access = anyone)]
#[serde(deny_unknown_fields)]
struct Echo {
    #[serde(default)]
    value: Json,
}

#[answer(collect = false)]
async fn echo(event: Echo, _ctx: &Context) -> Result<Json> {
    Ok(event.value)
}

/// Keeps a number in the table `Kept`.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "keep", access = user)]
struct Keep {
    number: i64,
}

#[answer(collect = false)]
async fn keep(event: Keep, ctx: &Context) -> Result<()> {
    ctx.response().set_status(201)?;
    ctx.response().set_header("x-kept", "yes")?;
    let kept = record! { "number" => event.number };
    ctx.cloud().data("Kept").create(kept).await?;
    Ok(())
}

#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "refuse", access = anyone)]
struct Refuse {
    status: Option<u16>,
}

#[answer(collect = false)]
async fn refuse(event: Refuse, _ctx: &Context) -> Result<()> {
    let error = Error::refused(4242).saying("not today");
    Err(match event.status {
        Some(status) => error.status(status),
        None => error,
    })
}

async fn app() -> App {
    App::with(|builder| {
        builder
            .handler::<echo>()
            .handler::<keep>()
            .handler::<refuse>()
    })
    .await
}

async fn dispatch(app: &App, name: &str, body: &str) -> Answer {
    let path = format!("/servercode/events/{name}");
    app.post(&path).body(body.to_owned()).send().await
}

#[tokio::test]
async fn an_object_is_answered_as_it_is_and_anything_else_is_wrapped() {
    let app = app().await;
    let object = json!({ "a": [1] });
    let echoed = async |value: &Json| {
        let body = json!({ "value": value }).to_string();
        dispatch(&app, "echo", &body).await.ok()
    };
    assert_eq!(object, echoed(&object).await);
    for value in [json!("a"), json!(1), json!(true), json!([{}]), Json::Null] {
        assert_eq!(json!({ "result": value }), echoed(&value).await);
    }
}

#[tokio::test]
async fn a_body_is_an_object_of_arguments_or_nothing() {
    let app = app().await;
    let nothing = dispatch(&app, "echo", "").await;
    assert_eq!(json!({ "result": null }), nothing.ok());
    for (body, code) in [
        ("[]", 8002),
        ("1", 8002),
        ("\"value\"", 8002),
        ("null", 8002),
        ("{\"value\":", 8002),
        ("{\"values\":1}", 8008),
    ] {
        let answer = dispatch(&app, "echo", body).await;
        let json: Json = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(
            (400, &json!(code)),
            (answer.status, &json["code"]),
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_argument_that_does_not_fit_is_named() {
    let app = app().await;
    let (_, token) = app.guest().await;
    let ask = app.post("/servercode/events/keep").token(&token);
    let answer = ask.json(&json!({ "number": "one" })).send().await;
    let message = answer.refused(400, 8008);
    assert!(
        message.contains("invalid type: string \"one\""),
        "{message}"
    );
}

#[tokio::test]
async fn a_handler_chooses_status_and_headers_and_has_its_own_refusals() {
    let app = app().await;
    let (_, token) = app.guest().await;
    let ask = app.post("/servercode/events/keep").token(&token);
    let answer = ask.json(&json!({ "number": 1 })).send().await;
    assert_eq!((201, "{}"), (answer.status, answer.text.as_str()));
    assert_eq!(Some("yes"), answer.header("x-kept"));
    let refused = dispatch(&app, "refuse", "{}").await;
    assert_eq!("not today", refused.refused(400, 4242));
    let refused = dispatch(&app, "refuse", "{\"status\":409}").await;
    assert_eq!("not today", refused.refused(409, 4242));
}

#[tokio::test]
async fn a_client_that_does_not_wait_hears_null_and_the_event_runs() {
    let app = app().await;
    for (number, execution) in [(1, "async"), (2, "async-low-priority")] {
        let ask = app.post("/servercode/events/keep").key(BL_KEY);
        let ask = ask.header("bl-execution-type", execution);
        let answer = ask.json(&json!({ "number": number })).send().await;
        assert_eq!(Json::Null, answer.ok());
        assert_eq!(None, answer.header("x-kept"), "nothing is known yet");
    }
    app.engine.settled().await;
    assert_eq!(2, app.count("Kept", "number > 0").await);
}

#[tokio::test]
async fn what_can_be_known_at_once_is_told_to_a_client_that_does_not_wait() {
    let app = app().await;
    for (name, body, status, code) in [
        ("missing", "{}", 400, 3042),
        ("echo", "{\"values\":1}", 400, 8008),
        ("keep", "{\"number\":1}", 403, 14008),
    ] {
        let path = format!("/servercode/events/{name}");
        let ask = app.post(&path).header("bl-execution-type", "async");
        ask.body(body).send().await.refused(status, code);
    }
}

#[tokio::test]
async fn an_unknown_execution_type_is_refused_and_nothing_runs() {
    let app = app().await;
    for execution in ["", "later", "ASYNC", "async,sync"] {
        let ask = app.post("/servercode/events/keep").key(BL_KEY);
        let ask = ask.header("bl-execution-type", execution);
        let answer = ask.json(&json!({ "number": 1 })).send().await;
        let message = answer.refused(400, 8008);
        assert!(message.contains("async-low-priority"), "{message}");
    }
    app.engine.settled().await;
    let tables = app.admin(Method::GET, "/tables").send().await.ok();
    let has_kept = |table: &Json| table["name"] == "Kept";
    assert!(!tables.as_array().unwrap().iter().any(has_kept));
}

#[tokio::test]
async fn an_event_is_refused_to_whom_it_is_not_for() {
    let app = app().await;
    let refused = dispatch(&app, "keep", "{\"number\":1}").await;
    let message = refused.refused(403, 14008);
    assert!(message.contains("keep"), "{message}");
}

#[tokio::test]
async fn the_operator_sees_who_answers_an_event_and_who_may_run_it() {
    let app = app().await;
    let events = app.admin(Method::GET, "/handlers").send().await.ok();
    let events = events.as_array().unwrap();
    let names: Vec<_> = events.iter().map(|event| &event["event"]).collect();
    let last: Vec<_> = names[names.len() - 4..].to_vec();
    assert_eq!(["echo", "keep", "refuse", "*"], last[..]);
    let chain = |name: &str| events.iter().find(|event| event["event"] == name).unwrap();
    assert_eq!("user", chain("keep")["access"]);
    assert_eq!(Json::Null, chain("login")["access"]);
    let [answer] = &chain("keep")["handlers"].as_array().unwrap()[..] else {
        panic!("one handler answers: {events:?}")
    };
    assert_eq!("answer", answer["phase"]);
    assert_eq!("it::custom_events::keep", answer["path"]);
}
