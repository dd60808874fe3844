//! `X-Vestibule-Explain: 1`: an answer, and how it came about.

use std::{sync::OnceLock, time::Duration};

use http::Method;
use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_model::ManualClock;

use crate::{
    app::{ADMIN_TOKEN, Answer, App, Ask, EMAIL, PASSWORD},
    services::Library,
};

/// The clock of the app, for handlers that take their time.
#[derive(Default)]
struct Hands(OnceLock<ManualClock>);

fn work(ctx: &Context, millis: u64) {
    if let Some(clock) = ctx.state::<Hands>().0.get() {
        clock.advance(Duration::from_millis(millis));
    }
}

/// Writes names the same way.
#[before(order = -1, collect = false)]
async fn trim_name(event: &mut Register, ctx: &Context) -> Result<Flow<Register>> {
    work(ctx, 20);
    let name = event.properties.get("name").and_then(Value::as_text);
    let trimmed = name.unwrap_or_default().trim().to_owned();
    event.properties.insert("name".to_owned(), trimmed.into());
    Ok(Flow::Continue)
}

/// Breaks half-way.
#[before(on_failure = "open", collect = false)]
async fn decorate(event: &mut Register, _ctx: &Context) -> Result<Flow<Register>> {
    event
        .properties
        .insert("name".to_owned(), "half-made".into());
    "no number".parse::<u8>()?;
    Ok(Flow::Continue)
}

/// Opens a cart for whoever registers, which makes a call of its own.
#[after(collect = false)]
async fn open_cart(_: &Register, outcome: Outcome<Register>, ctx: &Context) -> Outcome<Register> {
    let user = outcome?;
    work(ctx, 30);
    ctx.cloud()
        .data("Cart")
        .create(record! { "items" => 0 })
        .await?;
    Ok(user)
}

/// Turns everybody away.
#[before(collect = false)]
async fn refuse(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.response().set_header("x-of-our-own", "yes")?;
    ctx.response()
        .set_header("cache-control", "public, max-age=60")?;
    Err(Error::refused(999)
        .status(429)
        .saying("too many guests from here"))
}

/// Gives items a colour, also those that are nested in others.
#[before(table = "Item", collect = false)]
async fn colour(event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    event.properties.insert("colour".to_owned(), "red".into());
    Ok(Flow::Continue)
}

fn explained(ask: Ask<'_>) -> Ask<'_> {
    let bearer = format!("Bearer {ADMIN_TOKEN}");
    ask.header("x-vestibule-explain", "1")
        .header("authorization", &bearer)
}

#[track_caller]
fn body(answer: &Answer) -> Json {
    assert_eq!(Some("application/json"), answer.header("content-type"));
    let body: Json = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(json!(answer.status), body["status"]);
    body
}

fn step<'a>(call: &'a Json, handler: &str) -> &'a Json {
    let steps = call["steps"].as_array().unwrap();
    let of_handler = |step: &&Json| {
        step["handler"]
            .as_str()
            .is_some_and(|path| path.ends_with(handler))
    };
    steps.iter().find(of_handler).unwrap()
}

async fn register(app: &App) -> Json {
    let user = json!({ "email": EMAIL, "password": PASSWORD, "name": " Ann " });
    let answer = explained(app.post("/users/register"))
        .json(&user)
        .send()
        .await;
    assert_eq!(200, answer.status, "{}", answer.text);
    for secret in [PASSWORD, ADMIN_TOKEN] {
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
    body(&answer)
}

async fn app_for_registering() -> App {
    let app = App::with(|builder| {
        let builder = builder.handler::<trim_name>().handler::<decorate>();
        builder.handler::<open_cart>()
    })
    .await;
    let _ = app.engine.state::<Hands>().0.set(app.clock.clone());
    app
}

#[tokio::test]
async fn each_handler_is_told_with_its_time_its_changes_and_its_decision() {
    let app = app_for_registering().await;
    let explained = register(&app).await;
    assert_eq!("Ann", explained["answer"]["name"]);
    let call = &explained["calls"][0];
    assert_eq!(
        (&json!("register"), &json!(0), &json!("performed")),
        (&call["event"], &call["depth"], &call["ending"])
    );
    assert_eq!(
        &json!({
            "handler": "it::explain::trim_name",
            "phase": "before",
            "decision": "continued",
            "took": 20.0,
            "changes": [{ "field": "/properties/name", "before": " Ann ", "after": "Ann" }],
        }),
        step(call, "::trim_name")
    );
    let steps = call["steps"].as_array().unwrap();
    let phases: Vec<_> = steps.iter().map(|step| &step["phase"]).collect();
    assert_eq!(vec!["before", "before", "operation", "after"], phases);
    assert_eq!(json!(30.0), step(call, "::open_cart")["took"]);
    assert_eq!(json!(50.0), call["took"]);
    assert_eq!("Ann", call["output"]["properties"]["name"]);
}

#[tokio::test]
async fn what_a_handler_did_that_fails_open_is_no_change() {
    let app = app_for_registering().await;
    let explained = register(&app).await;
    let decorate = step(&explained["calls"][0], "::decorate");
    assert_eq!("failed, and the call goes on", decorate["decision"]);
    assert_eq!(json!([]), decorate["changes"]);
}

#[tokio::test]
async fn calls_that_a_call_led_to_follow_it() {
    let app = app_for_registering().await;
    let explained = register(&app).await;
    let [_, create] = &explained["calls"].as_array().unwrap()[..] else {
        panic!("{explained:#}")
    };
    assert_eq!(
        (&json!("create"), &json!("Cart"), &json!(1)),
        (&create["event"], &create["about"], &create["depth"])
    );
    assert_eq!(json!(0), create["output"]["properties"]["items"]);
}

#[tokio::test]
async fn a_refusal_keeps_its_status_and_headers_and_is_in_no_cache() {
    let app = App::with(|builder| builder.handler::<refuse>()).await;
    let answer = explained(app.post("/users/register/guest")).send().await;
    assert_eq!(429, answer.status);
    assert_eq!(Some("yes"), answer.header("x-of-our-own"));
    assert_eq!(Some("no-store"), answer.header("cache-control"));
    assert_eq!(Some("*"), answer.header("access-control-allow-origin"));
    let explained = body(&answer);
    assert_eq!(json!(999), explained["answer"]["code"]);
    let call = &explained["calls"][0];
    assert_eq!("refused", call["ending"]);
    assert_eq!("refused", step(call, "::refuse")["decision"]);
    assert_eq!(json!(999), call["output"]["code"]);
}

#[tokio::test]
async fn without_the_admin_token_nothing_is_explained_and_nothing_is_done() {
    let app = App::start().await;
    let ask = || {
        app.post("/users/register/guest")
            .header("x-vestibule-explain", "1")
    };
    for refused in [
        ask(),
        ask().header("authorization", "Bearer the-admin-tokem"),
        ask().header("authorization", "Bearer "),
        ask().header("authorization", ADMIN_TOKEN),
        ask().peer("127.0.0.1"),
    ] {
        let answer = refused.send().await;
        answer.refused(401, 2000);
        assert_eq!(Some("Bearer"), answer.header("www-authenticate"));
    }
    assert_eq!(0, app.users().await);
}

#[tokio::test]
async fn who_does_not_ask_for_it_gets_the_answer_alone() {
    let app = App::start().await;
    let bearer = format!("Bearer {ADMIN_TOKEN}");
    for value in ["", "0", "yes"] {
        let ask = app
            .post("/users/register/guest")
            .header("x-vestibule-explain", value);
        let answer = ask.header("authorization", &bearer).send().await.ok();
        assert!(answer["user-token"].is_string(), "{answer}");
    }
    // The admin API has nothing to explain.
    let admin = app
        .admin(Method::GET, "/app")
        .header("x-vestibule-explain", "1");
    assert!(admin.send().await.ok()["appId"].is_string());
}

#[tokio::test]
async fn the_records_of_a_deep_save_are_told_each() {
    let app = App::with(|builder| builder.handler::<colour>()).await;
    let order = app.record("Order", json!({ "number": 6 })).await;
    let item = app.record("Item", json!({ "name": "jug" })).await;
    let path = format!(
        "/data/Order/{}/items:Item:n",
        order["objectId"].as_str().unwrap()
    );
    app.post(&path)
        .json(&json!([item["objectId"]]))
        .send()
        .await
        .ok();
    let order = json!({ "number": 7, "items": [{ "name": "cup" }] });
    let answer = explained(app.put("/data/Order/deep-save"))
        .json(&order)
        .send()
        .await;
    let explained = body(&answer);
    let calls = explained["calls"].as_array().unwrap();
    let told: Vec<_> = calls
        .iter()
        .map(|call| (&call["event"], &call["about"]))
        .collect();
    let expected = [
        ("deepSave", "Order"),
        ("create", "Order"),
        ("create", "Item"),
    ];
    for (event, about) in expected {
        let told = told
            .iter()
            .any(|told| *told == (&json!(event), &json!(about)));
        assert!(told, "{event} of {about} is not in {explained:#}");
    }
    assert!(
        calls.iter().all(|call| call["ending"] == "performed"),
        "{explained:#}"
    );
}

#[tokio::test]
async fn what_a_service_answers_is_json_or_a_text() {
    let app = App::with(|builder| builder.handler::<Library>()).await;
    let typed = |kind: &str, value: Json| {
        let body = json!({ "kind": kind, "value": value });
        let ask = app
            .post("/services/library/typed")
            .header("content-type", "application/json");
        explained(ask.json(&body)).send()
    };
    for (kind, value) in [
        ("text/plain", json!("{\"a\":1}")),
        ("text/csv", json!("a,b")),
        ("application/json", json!({ "a": [1, 2.5] })),
        ("application/json", json!("a")),
    ] {
        let answer = typed(kind, value.clone()).await;
        let explained = body(&answer);
        assert_eq!(value, explained["answer"], "{kind}");
        let call = &explained["calls"][0];
        assert_eq!("invokeService", call["event"]);
        assert_eq!(2, answer.headers.get_all("set-cookie").iter().count());
    }
}

#[tokio::test]
async fn what_no_handler_saw_is_explained_by_no_call() {
    let app = App::start().await;
    let answer = explained(app.get("/no/such/route")).send().await;
    assert_eq!(404, answer.status);
    assert_eq!(json!([]), body(&answer)["calls"]);
    // The limits of bodies hold.
    let body = "x".repeat(1024 * 1024 + 1);
    let answer = explained(app.post("/users/login")).body(body).send().await;
    answer.refused(413, 8000);
}
