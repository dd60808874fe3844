//! Events and methods of an app's own whose answer the operator switched off: they are as if not there.

use std::{sync::Mutex, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tokio::sync::Notify;
use vestibule::{Execution, prelude::*, service};
use vestibule_core::{Disabled, HandlerChange, HandlerConfig};
use vestibule_testkit::{TestClient, TestKit};

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "convert", output = f64, access = anyone)]
struct Convert {
    celsius: f64,
}

#[answer(collect = false)]
async fn convert(event: Convert, _ctx: &Context) -> Result<f64> {
    Ok(event.celsius * 1.8 + 32.0)
}

/// Server code that runs the event, at once and later.
#[before(collect = false)]
async fn ask_the_server(_event: &mut Logout, ctx: &Context) -> Result<Flow<Logout>> {
    ctx.after_commit(Convert { celsius: 1.0 })?;
    ctx.cloud().dispatch(Convert { celsius: 0.0 }).await?;
    Ok(Flow::Continue)
}

#[derive(Default)]
struct Parcels;

#[service("parcels", collect = false)]
impl Parcels {
    #[get("/{id}", access = anyone)]
    async fn look(&self, id: String, _ctx: &Context) -> Result<String> {
        Ok(format!("look {id}"))
    }

    #[put("/{id}", access = anyone)]
    async fn send(&self, id: String, _ctx: &Context) -> Result<String> {
        Ok(format!("send {id}"))
    }
}

#[derive(Default)]
struct Letters;

#[service("letters", collect = false)]
impl Letters {
    #[post(access = anyone)]
    async fn write(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

const CONVERT: &str = "it::handler_switches_of_answers::convert";
const PARCELS: &str = "it::handler_switches_of_answers::Parcels";
const LOOK: &str = "it::handler_switches_of_answers::Parcels::look";
const SEND: &str = "it::handler_switches_of_answers::Parcels::send";

async fn set(kit: &TestKit, path: &str, enabled: bool) -> Vec<(&'static str, bool)> {
    let change = HandlerChange {
        enabled: Some(enabled),
        order: None,
    };
    let changed = kit.engine().change_handler(path, change).await.unwrap();
    let listed = changed.iter();
    listed
        .map(|listed| (listed.meta.path, listed.switch.is_on()))
        .collect()
}

async fn dispatched(client: &TestClient<'_>) -> Result<Json> {
    let arguments = json!({ "celsius": 100.0 });
    let reply = client.dispatch("convert", arguments, Execution::Sync).await;
    reply.outcome.map(Option::unwrap_or_default)
}

#[tokio::test]
async fn an_event_whose_answer_is_switched_off_is_not_there_whatever_the_door() {
    let kit = TestKit::with::<convert>().and::<ask_the_server>();
    let kit = kit.start().await;
    let client = kit.anonymous();
    assert_eq!(json!(212.0), dispatched(&client).await.unwrap());
    assert_eq!(vec![(CONVERT, false)], set(&kit, CONVERT, false).await);
    let expected = "Custom event handler with name 'convert' does not exists";
    let by_name = dispatched(&client).await.unwrap_err();
    let by_type = client.submit(Convert { celsius: 0.0 }).await.unwrap_err();
    let by_server = client.submit(Logout::default()).await.unwrap_err();
    for refused in [by_name, by_type, by_server] {
        assert_eq!(ErrorCode::EventNotFound, refused.code());
        assert_eq!(expected, refused.message());
    }
    for execution in [Execution::Async, Execution::AsyncLowPriority] {
        let arguments = json!({ "celsius": 100.0 });
        let refused = client.dispatch("convert", arguments, execution).await;
        let refused = refused.outcome.unwrap_err();
        assert_eq!(ErrorCode::EventNotFound, refused.code());
    }
    kit.expect_calls([(CONVERT, 1)]);
    set(&kit, CONVERT, true).await;
    assert_eq!(json!(212.0), dispatched(&client).await.unwrap());
}

/// Lets a call go on that waits for a test.
#[derive(Default)]
struct Gate {
    reached: Notify,
    open: Notify,
}

/// Promises an effect, and keeps its call waiting.
#[before(collect = false, timeout = "10m")]
async fn promise(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.after_commit(Convert { celsius: 1.0 })?;
    let gate = ctx.state::<Gate>();
    gate.reached.notify_one();
    gate.open.notified().await;
    Ok(Flow::Continue)
}

/// What became of the event, as observers see it.
#[derive(Default)]
struct Converted(Mutex<Vec<(&'static str, Option<i32>)>>);

#[observe(collect = false)]
async fn note(seen: &Seen<Convert>, witness: &Witness) -> Result<()> {
    let code = seen.outcome.as_ref().err().map(|error| error.code());
    let converted = witness.state::<Converted>();
    let mut converted = converted.0.lock().unwrap();
    converted.push((seen.ending.as_str(), code.map(|code| code.number())));
    Ok(())
}

#[tokio::test]
async fn an_effect_whose_answer_is_switched_off_before_it_begins_is_not_run_and_observers_see_it() {
    let kit = TestKit::with::<convert>().and::<promise>().and::<note>();
    let kit = kit.start().await;
    let (gate, client) = (kit.state::<Gate>(), kit.anonymous());
    let meddle = async {
        gate.reached.notified().await;
        set(&kit, CONVERT, false).await;
        gate.open.notify_one();
    };
    let (outcome, ()) = tokio::join!(client.submit(LoginAsGuest::default()), meddle);
    // The call that promised it has succeeded all the same: the effect comes after it.
    outcome.unwrap();
    kit.settled().await;
    kit.expect_calls([(CONVERT, 0)]);
    let converted = kit.state::<Converted>();
    assert_eq!(vec![("denied", Some(3042))], *converted.0.lock().unwrap());
}

#[tokio::test]
async fn a_method_that_is_switched_off_is_not_there_and_the_others_are() {
    let kit = TestKit::with::<Parcels>().start().await;
    let client = kit.anonymous();
    // A POST means either of them, so it reaches none.
    let either = client.invoke("parcels", "/7", Json::Null).await;
    assert_eq!(ErrorCode::ServiceMethodNotFound, either.unwrap_err().code());
    assert_eq!(vec![(LOOK, false)], set(&kit, LOOK, false).await);
    let only = client.invoke("parcels", "/7", Json::Null).await;
    assert_eq!(json!("send 7"), only.unwrap());
    set(&kit, SEND, false).await;
    let gone = client.invoke("parcels", "/7", Json::Null).await;
    let gone = gone.unwrap_err();
    assert_eq!(ErrorCode::ServiceMethodNotFound, gone.code());
    assert!(!gone.message().contains("/{id}"), "{gone}");
    set(&kit, LOOK, true).await;
    let only = client.invoke("parcels", "/7", Json::Null).await;
    assert_eq!(json!("look 7"), only.unwrap());
}

#[tokio::test]
async fn a_service_that_is_switched_off_is_not_there_with_all_its_methods() {
    let kit = TestKit::with::<Parcels>().and::<Letters>().start().await;
    set(&kit, SEND, false).await;
    let methods = set(&kit, PARCELS, false).await;
    assert_eq!(vec![(LOOK, false), (SEND, false)], methods);
    let listed = kit.engine().handlers();
    let look = listed.iter().find(|listed| listed.meta.path == LOOK);
    let reason = look.unwrap().switch.disabled().unwrap();
    assert_eq!(Disabled::WithItsService { service: PARCELS }, *reason);
    assert!(reason.to_string().contains(PARCELS));
    let client = kit.anonymous();
    let gone = client.invoke("parcels", "/7", Json::Null).await;
    let gone = gone.unwrap_err();
    assert_eq!(ErrorCode::ServiceNotFound, gone.code());
    assert!(gone.message().ends_with("this app has letters"), "{gone}");
    // What was off by itself stays off.
    let kit = kit.restart(Duration::ZERO).await;
    let client = kit.anonymous();
    let gone = client.invoke("parcels", "/7", Json::Null).await;
    assert_eq!(ErrorCode::ServiceNotFound, gone.unwrap_err().code());
    let methods = set(&kit, PARCELS, true).await;
    assert_eq!(vec![(LOOK, true), (SEND, false)], methods);
    let only = client.invoke("parcels", "/7", Json::Null).await;
    assert_eq!(json!("look 7"), only.unwrap());
}

#[tokio::test]
async fn who_stands_alone_has_no_order() {
    let kit = TestKit::with::<Parcels>().and::<convert>().start().await;
    for path in [CONVERT, PARCELS, LOOK] {
        let change = HandlerChange {
            enabled: None,
            order: Some(Some(3)),
        };
        let refused = kit.engine().change_handler(path, change).await;
        let refused = refused.unwrap_err();
        assert_eq!(ErrorCode::InvalidParameter, refused.code());
        assert!(refused.message().contains("stands alone"), "{refused}");
    }
}

#[tokio::test]
async fn methods_of_a_service_that_is_expected_stay_with_it() {
    let config = HandlerConfig {
        expect: vec![PARCELS.to_owned()],
        ..HandlerConfig::default()
    };
    let kit = TestKit::with::<Parcels>().handler_config(config);
    let kit = kit.start().await;
    for path in [PARCELS, LOOK] {
        let change = HandlerChange {
            enabled: Some(false),
            order: None,
        };
        let refused = kit.engine().change_handler(path, change).await;
        let refused = refused.unwrap_err();
        assert!(refused.message().contains("expect_handlers"), "{refused}");
    }
}
