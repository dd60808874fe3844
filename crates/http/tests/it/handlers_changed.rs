//! `PATCH /admin/api/handlers/{path}`.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_core::HandlerConfig;

use crate::app::{Answer, App, column};

#[before(collect = false, order = 1)]
async fn refuse(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Err(Error::refused(4242).saying("not today"))
}

#[before(collect = false, order = 2)]
async fn pass(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn expected(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "double", output = i64, access = anyone)]
struct Double {
    number: i64,
}

#[answer(collect = false)]
async fn double(event: Double, _ctx: &Context) -> Result<i64> {
    Ok(event.number * 2)
}

const REFUSE: &str = "it::handlers_changed::refuse";
const PASS: &str = "it::handlers_changed::pass";
const DOUBLE: &str = "it::handlers_changed::double";

async fn app() -> App {
    let config = HandlerConfig {
        expect: vec!["it::handlers_changed::expected".to_owned()],
        ..HandlerConfig::default()
    };
    App::with(|builder| {
        let builder = builder.handler::<refuse>().handler::<pass>();
        let builder = builder.handler::<expected>().handler::<double>();
        builder.handler_config(config)
    })
    .await
}

async fn change(app: &App, path: &str, body: Json) -> Answer {
    let ask = app.admin(Method::PATCH, &format!("/handlers/{path}"));
    ask.json(&body).send().await
}

#[tokio::test]
async fn the_answer_is_the_chain_as_it_is_now_and_the_next_call_goes_by_it() {
    let app = app().await;
    let guest = async || app.post("/users/register/guest").send().await;
    assert_eq!("not today", guest().await.refused(400, 4242));
    let chains = change(&app, REFUSE, json!({ "enabled": false })).await.ok();
    assert_eq!(1, chains.as_array().unwrap().len());
    assert_eq!("loginAsGuest", chains[0]["event"]);
    let handlers = &chains[0]["handlers"];
    assert_eq!(vec![json!(REFUSE), json!(PASS)], column(handlers, "path"));
    assert_eq!(vec![json!(false), json!(true)], column(handlers, "enabled"));
    let reasons = vec![json!("the operator switched it off"), Json::Null];
    assert_eq!(reasons, column(handlers, "reason"));
    guest().await.ok();

    let both = json!({ "enabled": true, "order": 9 });
    let chains = change(&app, REFUSE, both).await.ok();
    let handlers = &chains[0]["handlers"];
    assert_eq!(vec![json!(PASS), json!(REFUSE)], column(handlers, "path"));
    assert_eq!(vec![json!(2), json!(9)], column(handlers, "order"));
    assert_eq!(vec![json!(2), json!(1)], column(handlers, "ownOrder"));
    guest().await.refused(400, 4242);
    let chains = change(&app, REFUSE, json!({ "order": null })).await.ok();
    let handlers = &chains[0]["handlers"];
    assert_eq!(vec![json!(1), json!(2)], column(handlers, "order"));
}

#[tokio::test]
async fn an_event_whose_answer_is_switched_off_is_answered_as_one_that_there_is_not() {
    let app = app().await;
    let ask = async || {
        let ask = app.post("/servercode/events/double");
        ask.json(&json!({ "number": 4 })).send().await
    };
    assert_eq!(json!({ "result": 8 }), ask().await.ok());
    change(&app, DOUBLE, json!({ "enabled": false })).await.ok();
    let text = ask().await.refused(400, 3042);
    let expected = "Custom event handler with name 'double' does not exists";
    assert_eq!(expected, text);
    change(&app, DOUBLE, json!({ "enabled": true })).await.ok();
    assert_eq!(json!({ "result": 8 }), ask().await.ok());
}

#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let app = app().await;
    for (path, body, named) in [
        (REFUSE, json!({}), "enabled"),
        (REFUSE, json!({ "enabled": 1 }), "enabled"),
        (REFUSE, json!({ "order": "first" }), "order"),
        (REFUSE, json!({ "enabled": false, "path": 7 }), "path"),
        (DOUBLE, json!({ "order": 7 }), "stands alone"),
        (
            "it::handlers_changed::expected",
            json!({ "enabled": false }),
            "expect_handlers",
        ),
        (
            "it::handlers_changed::refused",
            json!({ "enabled": false }),
            "did you mean it::handlers_changed::refuse?",
        ),
    ] {
        let message = change(&app, path, body).await.refused(400, 8008);
        assert!(message.contains(named), "{message}");
    }
    app.post("/users/register/guest")
        .send()
        .await
        .refused(400, 4242);
    let audit = app.admin(Method::GET, "/audit").send().await.ok();
    assert!(!audit.to_string().contains("changeHandler"), "{audit}");
}

#[tokio::test]
async fn nobody_but_the_operator_changes_a_handler() {
    let app = app().await;
    let ask = app.raw(Method::PATCH, &format!("/admin/api/handlers/{REFUSE}"));
    let ask = ask.peer("127.0.0.1").body("{\"enabled\":false}");
    ask.send().await.refused(401, 2000);
    app.post("/users/register/guest")
        .send()
        .await
        .refused(400, 4242);
}
