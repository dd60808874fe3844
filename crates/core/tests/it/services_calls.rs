//! API services: how their calls pass the pipeline.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tokio::sync::Barrier;
use vestibule::{Ending, Execution, Role, prelude::*, service};
use vestibule_core::{ServiceBody, ServiceRequest, Verb};
use vestibule_testkit::TestKit;

#[derive(Default)]
struct Failures;

#[service("failures", collect = false)]
impl Failures {
    #[post("/fail", access = anyone, timeout = "2s")]
    async fn fail(&self, how: String, ctx: &Context) -> Result<()> {
        match how.as_str() {
            "panic" => panic!("a secret of the inside"),
            "hang" => std::future::pending().await,
            "refuse" => Err(Error::refused(4242).saying("not today").status(418)),
            _ => Err(Error::internal(format!(
                "broken at {}",
                ctx.now().as_millis()
            ))),
        }
    }

    #[post("/board", access = anyone)]
    async fn board(&self, _ctx: &Context) -> Result<std::collections::BTreeMap<(u8, u8), u8>> {
        Ok([((1, 1), 1)].into())
    }
}

#[derive(Default)]
struct Endings(Mutex<Vec<Ending>>);

#[observe(collect = false)]
async fn note_ending(seen: &Seen<InvokeService>, witness: &Witness) -> Result<()> {
    let endings = witness.state::<Endings>();
    endings.0.lock().unwrap().push(seen.ending);
    Ok(())
}

const FAIL: &str = concat!(module_path!(), "::Failures::fail");

#[tokio::test]
async fn a_method_that_fails_is_terminated_with_codes_of_its_own() {
    let kit = TestKit::with::<Failures>()
        .and::<note_ending>()
        .start()
        .await;
    let client = kit.anonymous();
    let broken = async |how: &str| {
        let call = client.invoke("failures", "/fail", json!({"how": how}));
        let error = crate::waiting::while_seconds_pass(&kit, call).await;
        let error = error.unwrap_err();
        assert!(!error.message().contains("secret"), "{}", error.message());
        error
    };
    assert_eq!(ErrorCode::InvocationFailed, broken("panic").await.code());
    let hung = broken("hang").await;
    assert_eq!(ErrorCode::InvocationTimedOut, hung.code());
    assert!(hung.message().ends_with("2 seconds"), "{}", hung.message());
    let refused = broken("refuse").await;
    assert_eq!(ErrorCode::Custom(4242), refused.code());
    let kept = ("not today", Some(418));
    assert_eq!(kept, (refused.message(), refused.chosen_status()));
    assert_eq!(ErrorCode::Internal, broken("fail").await.code());

    let board = client.invoke("failures", "/board", json!({})).await;
    let error = board.unwrap_err();
    assert_eq!(ErrorCode::Internal, error.code());
    assert!(
        error.log().contains("key must be a string"),
        "{}",
        error.log()
    );

    let handlers = kit.engine().handlers().into_iter();
    let mut handlers = handlers.filter(|listed| listed.meta.path == FAIL);
    let stats = handlers.next().unwrap().stats;
    assert_eq!(
        (4, 3),
        (stats.calls(), stats.failures()),
        "a refusal is no failure"
    );
    let endings = std::mem::take(&mut *kit.state::<Endings>().0.lock().unwrap());
    let expected = [
        Ending::Panicked {
            handler: Some(FAIL),
        },
        Ending::TimedOut { handler: FAIL },
        Ending::Performed,
        Ending::Performed,
        Ending::Performed,
    ];
    assert_eq!(expected[..], endings[..]);
    let calls = kit.engine().statistics().calls;
    let performed = calls
        .iter()
        .find(|(event, ending, _)| (*event, *ending) == ("invokeService", "performed"));
    assert_eq!(Some(3), performed.map(|(_, _, count)| *count));
}

/// Counts its own calls: if two calls had one value, the second would say so.
#[derive(Default)]
struct Counter {
    calls: AtomicU32,
}

#[service("counter", collect = false)]
impl Counter {
    #[post("/count", access = anyone)]
    async fn count(&self, ctx: &Context) -> Result<(u32, u32)> {
        let of_value = self.calls.fetch_add(1, Ordering::Relaxed);
        let of_engine = ctx.state::<Counter>();
        Ok((of_value, of_engine.calls.fetch_add(1, Ordering::Relaxed)))
    }
}

#[tokio::test]
async fn each_call_has_a_value_of_its_own() {
    let kit = TestKit::with::<Counter>().start().await;
    for number in 0..3 {
        let counted = kit.anonymous().invoke("counter", "/count", json!({})).await;
        assert_eq!(json!([0, number]), counted.unwrap());
    }
}

#[before(collect = false)]
async fn answer_early(event: &mut InvokeService, ctx: &Context) -> Result<Flow<InvokeService>> {
    ctx.response().set_header("x-method", event.method())?;
    match ctx.call().headers.get("x-early") {
        Some("answer") => Ok(Flow::Respond(json!("early"))),
        Some(_) => Err(Error::forbidden("not now")),
        None => Ok(Flow::Continue),
    }
}

#[after(collect = false)]
async fn wrap(
    event: &InvokeService,
    outcome: Outcome<InvokeService>,
    _ctx: &Context,
) -> Outcome<InvokeService> {
    let service = event.service();
    Ok(json!({ "of": service, "answer": outcome? }))
}

#[derive(Default)]
struct Inputs(Mutex<Vec<Json>>);

#[observe(collect = false)]
async fn note_all(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let inputs = witness.state::<Inputs>();
    let shown = json!([seen.event, seen.input, seen.output]);
    inputs.0.lock().unwrap().push(shown);
    Ok(())
}

#[derive(Default)]
struct Greeter;

#[service("greeter", collect = false)]
impl Greeter {
    #[post("/{name}", access = anyone)]
    async fn greet(&self, name: String, title: Option<String>, _ctx: &Context) -> Result<String> {
        Ok(format!("hello {} {name}", title.unwrap_or_default()))
    }
}

#[tokio::test]
async fn handlers_stand_around_a_method_as_around_any_event() {
    let kit = TestKit::with::<Greeter>()
        .and::<answer_early>()
        .and::<wrap>()
        .and::<note_all>()
        .start()
        .await;
    let call = || {
        let body = ServiceBody::Json(json!({"title": "Dr"}));
        ServiceRequest::new(Verb::Post, "greeter", "/Ann").with_body(body)
    };
    let client = kit.anonymous();
    let called = client.call_service(call(), Execution::Sync).await;
    let wrapped = json!({"of": "greeter", "answer": "hello Dr Ann"});
    assert_eq!(Some(wrapped.clone()), called.outcome.unwrap());
    let header = ("x-method".to_owned(), "POST /{name}".to_owned());
    assert!(called.response.headers.contains(&header));
    let input = json!({
        "service": "greeter", "method": "POST /{name}",
        "arguments": {"name": "Ann", "title": "Dr"},
    });
    let seen = std::mem::take(&mut *kit.state::<Inputs>().0.lock().unwrap());
    assert_eq!([json!(["invokeService", input, wrapped])], seen[..]);

    let early = client.clone().with_header("x-early", "answer");
    let called = early.call_service(call(), Execution::Sync).await;
    assert_eq!(Some(json!("early")), called.outcome.unwrap());
    let refused = client.clone().with_header("x-early", "refuse");
    let called = refused.call_service(call(), Execution::Sync).await;
    let code = called.outcome.unwrap_err().code();
    assert_eq!(ErrorCode::OperationNotAllowed, code);
    kit.expect_calls([(concat!(module_path!(), "::Greeter::greet"), 1)]);
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = server)]
struct Stroll {
    back: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "return", access = server)]
struct Return {}

#[derive(Default)]
struct Strolled(AtomicU32);

#[answer(collect = false)]
async fn stroll(event: Stroll, ctx: &Context) -> Result<()> {
    assert_eq!([Role::ServerCodeUser], ctx.call().roles[..]);
    ctx.state::<Strolled>().0.fetch_add(1, Ordering::Relaxed);
    match event.back {
        true => ctx.cloud().dispatch(Return {}).await,
        false => Ok(()),
    }
}

#[answer(collect = false)]
async fn come_back(_event: Return, ctx: &Context) -> Result<()> {
    ctx.cloud().dispatch(Stroll { back: false }).await
}

#[derive(Default)]
struct Walk;

#[service("walk", collect = false)]
impl Walk {
    /// Strolls once at once, and once more when the call has succeeded.
    #[post("/{back}", access = anyone)]
    async fn start(&self, back: bool, ctx: &Context) -> Result<()> {
        assert!(ctx.call().has_role("NotAuthenticatedUser"));
        ctx.after_commit(Stroll { back: false })?;
        ctx.cloud().dispatch(Stroll { back }).await
    }

    #[post("/count", access = anyone)]
    async fn count_users(&self, ctx: &Context) -> Result<usize> {
        let users = ctx.cloud().data("Users").find(Query::default()).await?;
        Ok(users.len())
    }
}

async fn walk() -> TestKit {
    let kit = TestKit::with::<Walk>().and::<stroll>().and::<come_back>();
    kit.start().await
}

#[tokio::test]
async fn a_method_runs_as_its_caller_and_its_cloud_code_as_the_server() {
    let kit = walk().await;
    kit.register("ann@example.com").await;
    let client = kit.anonymous();
    let counted = client.invoke("walk", "/count", json!({})).await;
    assert_eq!(json!(1), counted.unwrap());
    let walked = client.invoke("walk", "/false", json!({})).await;
    assert_eq!(json!(null), walked.unwrap());
    kit.settled().await;
    let strolled = &kit.state::<Strolled>().0;
    assert_eq!(2, strolled.load(Ordering::Relaxed), "with the effect");
}

#[tokio::test]
async fn a_circle_that_begins_in_a_method_is_refused_with_its_chain() {
    let kit = walk().await;
    let walked = kit.anonymous().invoke("walk", "/true", json!({})).await;
    let log = walked.unwrap_err().log();
    let chain = "invokeService of walk POST /{back} > stroll > return > stroll";
    assert!(log.contains(chain), "{log}");
    kit.settled().await;
    let strolled = &kit.state::<Strolled>().0;
    assert_eq!(1, strolled.load(Ordering::Relaxed), "no effect");
}

#[derive(Default)]
struct Turnstile;

struct Gate(Barrier);

impl Default for Gate {
    fn default() -> Self {
        Self(Barrier::new(2))
    }
}

#[service("turnstile", collect = false)]
impl Turnstile {
    /// Waits for somebody else.
    #[post("/pass", access = anyone)]
    async fn pass(&self, name: String, ctx: &Context) -> Result<String> {
        ctx.state::<Gate>().0.wait().await;
        Ok(name)
    }
}

#[tokio::test]
async fn two_may_call_one_method_at_once() {
    let kit = TestKit::with::<Turnstile>().start().await;
    let (one, other) = (kit.anonymous(), kit.guest().await);
    let (one, other) = tokio::join!(
        one.invoke("turnstile", "/pass", json!("one")),
        other.invoke("turnstile", "/pass", json!("other")),
    );
    assert_eq!(
        (json!("one"), json!("other")),
        (one.unwrap(), other.unwrap())
    );
}

#[tokio::test]
async fn a_method_that_nobody_waits_for_is_checked_at_once_and_run_later() {
    let kit = TestKit::with::<Greeter>().and::<Failures>().start().await;
    let client = kit.anonymous();
    for execution in [Execution::Async, Execution::AsyncLowPriority] {
        let call = async |service: &str, path: &str, body: Json| {
            let call = ServiceRequest::new(Verb::Post, service, path);
            let call = call.with_body(ServiceBody::Json(body));
            let called = client.call_service(call, execution).await;
            called.outcome.map_err(|error| error.code())
        };
        for (service, path, body, code) in [
            ("nobody", "/x", json!({}), ErrorCode::ServiceNotFound),
            (
                "greeter",
                "/x/y",
                json!({}),
                ErrorCode::ServiceMethodNotFound,
            ),
            (
                "greeter",
                "/Ann",
                json!({"x": 1}),
                ErrorCode::WrongArguments,
            ),
            (
                "greeter",
                "/Ann",
                json!({"title": 1}),
                ErrorCode::InvalidParameter,
            ),
        ] {
            assert_eq!(Err(code), call(service, path, body).await);
        }
        let refused = call("failures", "/fail", json!({"how": "refuse"})).await;
        assert_eq!(Ok(None), refused, "nobody waits for what comes of it");
        assert_eq!(Ok(None), call("greeter", "/Ann", json!({})).await);
    }
    kit.settled().await;
    let greet = concat!(module_path!(), "::Greeter::greet");
    kit.expect_calls([(FAIL, 2), (greet, 2)]);
}

#[tokio::test]
async fn a_method_that_was_accepted_runs_although_the_server_is_going_down() {
    let kit = walk().await;
    let client = kit.anonymous();
    for execution in [Execution::Async, Execution::AsyncLowPriority] {
        let call = ServiceRequest::new(Verb::Post, "walk", "/false");
        let accepted = client.call_service(call, execution).await;
        assert_eq!(None, accepted.outcome.unwrap());
    }
    kit.engine().shut_down().await;
    let strolled = &kit.state::<Strolled>().0;
    assert_eq!(4, strolled.load(Ordering::Relaxed), "with the effects");
    let late = client.invoke("walk", "/false", json!({})).await;
    assert_eq!(Some(503), late.unwrap_err().chosen_status());
}
