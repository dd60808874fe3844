//! How handlers fare: in `/metrics`, and for the operator.

use std::{future, time::Duration};

use http::Method;
use serde_json::{Value as Json, json};
use tokio::sync::Notify;
use vestibule::prelude::*;

use crate::app::{App, EMAIL, PASSWORD};

/// Breaks on guests, panics on logins.
#[before(order = 7, on_failure = "open", events = [LoginAsGuest, Login], collect = false)]
async fn break_down<E>(_event: &mut E, _ctx: &Context) -> Result<Flow<E>>
where
    E: Event<Output = LoggedIn>,
{
    assert_eq!("loginAsGuest", E::NAME);
    "no number".parse::<u8>()?;
    Ok(Flow::Continue)
}

/// Tells a test that a handler hangs.
#[derive(Default)]
struct Hangs(Notify);

/// Never ends by itself.
#[after(timeout = "1s", on_failure = "open", collect = false)]
async fn hang(
    _event: &LoginAsGuest,
    _outcome: Outcome<LoginAsGuest>,
    ctx: &Context,
) -> Outcome<LoginAsGuest> {
    ctx.state::<Hangs>().0.notify_one();
    future::pending().await
}

async fn metrics(app: &App) -> String {
    let metrics = app.raw(Method::GET, "/metrics").peer("127.0.0.1");
    metrics.send().await.text
}

#[track_caller]
fn has(text: &str, line: &str) {
    assert!(
        text.lines().any(|other| other == line),
        "{line} is not in\n{text}"
    );
}

async fn seen(app: &App, event: &str, handler: &str) -> Json {
    let chains = app.admin(Method::GET, "/handlers").send().await.ok();
    let chains = chains.as_array().unwrap();
    let chain = chains.iter().find(|chain| chain["event"] == event).unwrap();
    let handlers = chain["handlers"].as_array().unwrap();
    let path = json!(format!("it::handlers_seen::{handler}"));
    handlers
        .iter()
        .find(|one| one["path"] == path)
        .unwrap()
        .clone()
}

/// Lets a guest in, whom a handler lets wait. Time passes for that one alone: the storage takes as
/// long as it takes, and no request may be late for it.
async fn guest(app: &App) {
    let patience = async {
        app.engine.state::<Hangs>().0.notified().await;
        app.clock.advance(Duration::from_secs(1));
    };
    tokio::join!(app.guest(), patience);
}

#[tokio::test]
async fn failures_are_told_by_kind_with_the_last_one_in_the_words_of_the_log() {
    let app = App::with(|builder| builder.handler::<break_down>().handler::<hang>()).await;
    app.register(EMAIL).await;
    app.login(EMAIL).await;
    guest(&app).await;
    let guests = seen(&app, "loginAsGuest", "break_down").await;
    assert_eq!(
        (
            json!({ "panicked": 0, "timed_out": 0, "failed": 1 }),
            json!(1)
        ),
        (guests["failuresByKind"].clone(), guests["failures"].clone())
    );
    assert_eq!("failed", guests["lastFailure"]["kind"]);
    let error = guests["lastFailure"]["error"].as_str().unwrap();
    assert!(error.contains("invalid digit"), "{error}");
    assert!(guests["lastFailure"]["at"].as_i64() >= Some(1_700_000_000_000));
    let logins = seen(&app, "login", "break_down").await;
    assert_eq!(
        json!({ "panicked": 1, "timed_out": 0, "failed": 0 }),
        logins["failuresByKind"]
    );
    let hung = seen(&app, "loginAsGuest", "hang").await;
    assert_eq!("timed_out", hung["lastFailure"]["kind"]);
    let secret = logins.to_string().contains(PASSWORD);
    assert!(!secret, "{logins}");

    let text = metrics(&app).await;
    let path = r#"handler="it::handlers_seen::break_down""#;
    for line in [
        // Of both events.
        format!("vestibule_handler_calls_total{{{path}}} 2"),
        format!(r#"vestibule_handler_failures_total{{{path},kind="panicked"}} 1"#),
        format!(r#"vestibule_handler_failures_total{{{path},kind="timed_out"}} 0"#),
        format!(r#"vestibule_handler_failures_total{{{path},kind="failed"}} 1"#),
        format!("vestibule_handler_enabled{{{path}}} 1.0"),
    ] {
        has(&text, &line);
    }
    for begin in [
        format!(r#"vestibule_handler_seconds{{{path},quantile="0.5"}} "#),
        format!(r#"vestibule_handler_seconds{{{path},quantile="0.99"}} "#),
        format!("vestibule_handler_last_failure_timestamp_seconds{{{path}}} 17000000"),
    ] {
        assert!(
            text.lines().any(|line| line.starts_with(&begin)),
            "{begin} is not in\n{text}"
        );
    }
}

#[tokio::test]
async fn a_handler_that_never_ran_has_neither_times_nor_failures() {
    let app = App::with(|builder| builder.handler::<hang>()).await;
    let text = metrics(&app).await;
    has(
        &text,
        r#"vestibule_handler_calls_total{handler="it::handlers_seen::hang"} 0"#,
    );
    for name in [
        "vestibule_handler_seconds{",
        "vestibule_handler_last_failure_timestamp_seconds{",
    ] {
        assert!(!text.contains(name), "{text}");
    }
    assert_eq!(
        Json::Null,
        seen(&app, "loginAsGuest", "hang").await["lastFailure"]
    );
}

#[tokio::test]
async fn whether_a_handler_runs_is_told_with_the_reason_and_both_orders() {
    let app = App::with(|builder| builder.handler::<break_down>()).await;
    let before = seen(&app, "login", "break_down").await;
    assert_eq!(
        (
            json!(true),
            Json::Null,
            json!(7),
            json!(7),
            json!([]),
            json!([])
        ),
        (
            before["enabled"].clone(),
            before["reason"].clone(),
            before["order"].clone(),
            before["ownOrder"].clone(),
            before["runsBefore"].clone(),
            before["runsAfter"].clone(),
        )
    );
    let change = vestibule_core::HandlerChange {
        enabled: Some(false),
        order: Some(Some(-3)),
    };
    let path = "it::handlers_seen::break_down";
    app.engine.change_handler(path, change).await.unwrap();
    let after = seen(&app, "login", "break_down").await;
    assert_eq!(
        (
            json!(false),
            json!("the operator switched it off"),
            json!(-3),
            json!(7)
        ),
        (
            after["enabled"].clone(),
            after["reason"].clone(),
            after["order"].clone(),
            after["ownOrder"].clone(),
        )
    );
    has(
        &metrics(&app).await,
        r#"vestibule_handler_enabled{handler="it::handlers_seen::break_down"} 0.0"#,
    );
}
