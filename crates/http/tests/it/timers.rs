//! `/admin/api/timers`.

use http::Method;
use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_model::Clock;

use crate::app::{App, keys};

#[timer(every = "1h", timeout = "2m", jitter = "30s", collect = false)]
async fn count(tick: RunTimer, ctx: &Context) -> Result<()> {
    let record = record! { "byHand" => tick.due().is_none() };
    ctx.cloud().data("Run").create(record).await?;
    Ok(())
}

#[timer(cron = "0 3 * * *", overlap = "wait", missed = "skip", collect = false)]
async fn fail(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Err(Error::internal("the disk is full"))
}

const COUNT: &str = "it::timers::count";
const FAIL: &str = "it::timers::fail";

async fn app() -> App {
    App::with(|builder| builder.handler::<count>().handler::<fail>()).await
}

async fn listed(app: &App, path: &str) -> Json {
    let timers = app.admin(Method::GET, "/timers").send().await.ok();
    let mut timers = timers.as_array().unwrap().iter();
    timers.find(|timer| timer["path"] == path).unwrap().clone()
}

async fn run(app: &App, path: &str) -> Json {
    let ask = app.admin(Method::POST, &format!("/timers/{path}/run"));
    let begun = ask.send().await.ok();
    app.engine.timers_idle().await;
    begun
}

#[tokio::test]
async fn every_timer_is_listed_with_how_it_stands() {
    let app = app().await;
    app.engine.timers_idle().await;
    let now = app.clock.now().as_millis();
    let hour = 3_600_000;
    let timer = listed(&app, COUNT).await;
    let expected = [
        "crate", "due", "enabled", "failures", "file", "jitter", "lastRun", "line", "missed",
        "overlap", "path", "running", "runs", "schedule", "skipped", "timeout",
    ];
    assert_eq!(expected[..], keys(&timer));
    for (key, value) in [
        ("crate", json!("it")),
        ("schedule", json!("every 1h")),
        ("due", json!(now + hour)),
        ("enabled", json!(true)),
        ("jitter", json!(30_000)),
        ("timeout", json!(120_000)),
        ("overlap", json!("skip")),
        ("missed", json!("once")),
        ("running", Json::Null),
        ("lastRun", Json::Null),
        ("runs", json!(0)),
    ] {
        assert_eq!(value, timer[key], "{key}");
    }
    let timer = listed(&app, FAIL).await;
    let words = [&timer["overlap"], &timer["missed"]];
    assert_eq!([&json!("wait"), &json!("skip")], words);
    assert!(
        timer["schedule"]
            .as_str()
            .unwrap()
            .starts_with("cron 0 3 * * *")
    );
}

#[tokio::test]
async fn a_timer_runs_when_the_operator_wants_it_and_its_ticks_stay() {
    let app = app().await;
    let due = listed(&app, COUNT).await["due"].clone();
    let begun = run(&app, COUNT).await;
    assert_eq!(COUNT, begun["path"]);
    let timer = listed(&app, COUNT).await;
    assert_eq!((&json!(1), &json!(0)), (&timer["runs"], &timer["failures"]));
    assert_eq!((&due, &Json::Null), (&timer["due"], &timer["running"]));
    assert_eq!(vec!["began", "ended", "error"], keys(&timer["lastRun"]));
    assert_eq!(Json::Null, timer["lastRun"]["error"]);
    assert_eq!(1, app.count("Run", "byHand = true").await);
}

#[tokio::test]
async fn a_run_that_fails_says_why_to_the_operator() {
    let app = app().await;
    run(&app, FAIL).await;
    let timer = listed(&app, FAIL).await;
    assert_eq!((&json!(1), &json!(1)), (&timer["runs"], &timer["failures"]));
    let error = timer["lastRun"]["error"].as_str().unwrap();
    assert!(error.contains("the disk is full"), "{error}");
}

#[tokio::test]
async fn a_timer_is_switched_off_and_on_and_can_be_run_by_hand_meanwhile() {
    let app = app().await;
    let path = format!("/timers/{COUNT}");
    for enabled in [false, true] {
        let change = app.admin(Method::PATCH, &path);
        let timer = change
            .json(&json!({ "enabled": enabled }))
            .send()
            .await
            .ok();
        assert_eq!(json!(enabled), timer["enabled"]);
        run(&app, COUNT).await;
        assert_eq!(json!(enabled), listed(&app, COUNT).await["enabled"]);
    }
    assert_eq!(2, app.count("Run", "byHand = true").await);
}

#[tokio::test]
async fn changes_and_runs_leave_audit_records() {
    let app = app().await;
    let change = app.admin(Method::PATCH, &format!("/timers/{COUNT}"));
    change.json(&json!({ "enabled": false })).send().await.ok();
    run(&app, COUNT).await;
    let audit = app.admin(Method::GET, "/audit").send().await.ok();
    let actions: Vec<_> = audit.as_array().unwrap().iter().collect();
    let text = format!("{actions:?}");
    assert!(
        text.contains("disableTimer") && text.contains("runTimer"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let app = app().await;
    let change = async |path: &str, body: Json| {
        let ask = app.admin(Method::PATCH, &format!("/timers/{path}"));
        ask.json(&body).send().await
    };
    for (body, named) in [
        (json!({}), "enabled"),
        (json!({ "enabled": "no" }), "enabled"),
        (json!({ "enabled": false, "due": 0 }), "due"),
    ] {
        let message = change(COUNT, body).await.refused(400, 8008);
        assert!(message.contains(named), "{message}");
    }
    assert_eq!(true, listed(&app, COUNT).await["enabled"]);
    let unknown = change("it::timers::none", json!({ "enabled": false })).await;
    let message = unknown.refused(400, 8008);
    assert!(message.contains("it::timers::none"), "{message}");
    let run = |path: &str| app.admin(Method::POST, &format!("/timers/{path}/run"));
    run("it::timers::none").send().await.refused(400, 8008);
    let with_arguments = run(COUNT).json(&json!({ "missed": 1 })).send().await;
    let message = with_arguments.refused(400, 8008);
    assert!(message.contains("missed"), "{message}");
    assert_eq!(json!(0), listed(&app, COUNT).await["runs"]);
}

#[tokio::test]
async fn nobody_but_the_operator_sees_or_touches_a_timer() {
    let app = app().await;
    let run = format!("/admin/api/timers/{COUNT}/run");
    for (method, path) in [
        (Method::GET, "/admin/api/timers"),
        (Method::PATCH, "/admin/api/timers/it::timers::count"),
        (Method::POST, &run),
    ] {
        let ask = app.raw(method, path).peer("127.0.0.1");
        ask.body("{\"enabled\":false}")
            .send()
            .await
            .refused(401, 2000);
    }
    let timer = listed(&app, COUNT).await;
    assert_eq!(
        (&json!(true), &json!(0)),
        (&timer["enabled"], &timer["runs"])
    );
}
