//! Events of an app's own: who answers them, who may run them, and what comes of them later.

use std::sync::{Mutex, atomic::AtomicBool};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::{Execution, Role, prelude::*};
use vestibule_core::{Dispatched, HandlerConfig, Registry};
use vestibule_model::{Access, PermissionOperation, Resource};
use vestibule_testkit::TestKit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CustomEvent)]
#[event(name = "convert", output = Converted, access = anyone)]
struct Convert {
    celsius: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Converted {
    fahrenheit: f64,
}

#[answer(collect = false)]
async fn convert(event: Convert, _ctx: &Context) -> Result<Converted> {
    let fahrenheit = event.celsius * 1.8 + 32.0;
    Ok(Converted { fahrenheit })
}

/// Nothing is colder than this.
#[before(collect = false)]
async fn mend_the_cold(event: &mut Convert, _ctx: &Context) -> Result<Flow<Convert>> {
    event.celsius = event.celsius.max(-273.15);
    Ok(Flow::Continue)
}

#[after(collect = false)]
async fn round(_event: &Convert, outcome: Outcome<Convert>, _ctx: &Context) -> Outcome<Convert> {
    let fahrenheit = outcome?.fahrenheit.round();
    Ok(Converted { fahrenheit })
}

async fn run(
    client: &vestibule_testkit::TestClient<'_>,
    name: &str,
    arguments: Json,
) -> Dispatched {
    client.dispatch(name, arguments, Execution::Sync).await
}

#[tokio::test]
async fn a_custom_event_is_answered_with_its_handlers_around_it() {
    let kit = TestKit::with::<convert>()
        .and::<mend_the_cold>()
        .and::<round>();
    let kit = kit.start().await;

    let typed = kit.anonymous().submit(Convert { celsius: -400.0 }).await;
    assert_eq!(Converted { fahrenheit: -460.0 }, typed.unwrap());

    let by_name = run(&kit.anonymous(), "convert", json!({"celsius": 100})).await;
    assert_eq!(Some(json!({"fahrenheit": 212.0})), by_name.outcome.unwrap());
    kit.expect_calls([(concat!(module_path!(), "::convert"), 2)]);
}

#[tokio::test]
async fn an_event_that_nobody_answers_is_told_as_the_platform_tells_it() {
    let kit = TestKit::bare().start().await;
    let missing = run(&kit.anonymous(), "convert", json!({})).await;
    let error = missing.outcome.unwrap_err();
    assert_eq!(ErrorCode::EventNotFound, error.code());
    let text = "Custom event handler with name 'convert' does not exists";
    assert_eq!(text, error.message());
    let typed = kit.anonymous().submit(Convert { celsius: 0.0 }).await;
    assert_eq!(text, typed.unwrap_err().message());
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_told_by_name() {
    let kit = TestKit::with::<convert>().start().await;
    let missing = run(&kit.anonymous(), "convert", json!({"kelvin": 1})).await;
    let error = missing.outcome.unwrap_err();
    assert_eq!(ErrorCode::InvalidParameter, error.code());
    assert!(
        error.message().contains("missing field `celsius`"),
        "{}",
        error.message()
    );
    let wrong = run(&kit.anonymous(), "convert", json!({"celsius": "hot"})).await;
    let message = wrong.outcome.unwrap_err().message().to_owned();
    assert!(
        message.contains("invalid type: string \"hot\""),
        "{message}"
    );
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = user)]
struct ForUsers {}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = role("GuestUser"))]
struct ForGuests {}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = server)]
struct ForServerCode {}

#[answer(collect = false)]
async fn answer_users(_event: ForUsers, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[answer(collect = false)]
async fn answer_guests(_event: ForGuests, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[answer(collect = false)]
async fn answer_server_code(_event: ForServerCode, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[tokio::test]
async fn an_event_is_for_the_callers_that_it_declares() {
    let kit = TestKit::with::<answer_users>()
        .and::<answer_guests>()
        .and::<answer_server_code>();
    let kit = kit.start().await;
    let clients = [
        ("anonymous", kit.anonymous(), [false, false, false]),
        ("guest", kit.guest().await, [true, true, false]),
        (
            "user",
            kit.user("ann@example.com").await,
            [true, false, false],
        ),
        ("server code", kit.code_runner(), [true, true, true]),
    ];
    for (who, client, may) in clients {
        for (name, may) in ["forUsers", "forGuests", "forServerCode"]
            .into_iter()
            .zip(may)
        {
            let outcome = run(&client, name, json!({})).await.outcome;
            let code = outcome.as_ref().map_err(Error::code);
            let expected = if may {
                Ok(&None)
            } else {
                Err(ErrorCode::InvocationDenied)
            };
            assert_eq!(expected, code, "{who} runs {name}");
        }
    }
}

#[tokio::test]
async fn a_permission_takes_an_event_away_and_gives_it_to_nobody_else() {
    let kit = TestKit::with::<convert>()
        .and::<answer_server_code>()
        .start()
        .await;
    let set = async |role: &str, event: &str, access| {
        let resource = Resource::Event(event.to_owned());
        let grantee = Grantee::Role(role.to_owned());
        let engine = kit.engine();
        let set = engine.set_permission(grantee, resource, PermissionOperation::Execute, access);
        set.await.unwrap();
    };
    set("GuestUser", "convert", Some(Access::Deny)).await;
    set("GuestUser", "forServerCode", Some(Access::Grant)).await;
    let guest = kit.guest().await;
    for name in ["convert", "forServerCode"] {
        let error = run(&guest, name, json!({"celsius": 1}))
            .await
            .outcome
            .unwrap_err();
        assert_eq!(ErrorCode::InvocationDenied, error.code(), "{name}");
    }
    assert!(
        kit.anonymous()
            .submit(Convert { celsius: 1.0 })
            .await
            .is_ok()
    );
}

#[answer(collect = false)]
async fn convert_otherwise(_event: Convert, _ctx: &Context) -> Result<Converted> {
    Ok(Converted { fahrenheit: 0.0 })
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "login", access = anyone)]
struct NotTheLogin {}

#[answer(collect = false)]
async fn answer_login(_event: NotTheLogin, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[test]
fn an_event_is_answered_once_and_has_a_name_of_its_own() {
    let config = HandlerConfig::default();
    let registrations = [
        <convert as vestibule::Handler>::REGISTRATION,
        <convert_otherwise as vestibule::Handler>::REGISTRATION,
    ];
    let error = Registry::of(registrations, &config)
        .unwrap_err()
        .to_string();
    assert!(error.contains("convert is answered twice: at "), "{error}");
    let login = [<answer_login as vestibule::Handler>::REGISTRATION];
    let error = Registry::of(login, &config).unwrap_err().to_string();
    assert!(
        error.contains("has the name of an event that every app has"),
        "{error}"
    );
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone)]
struct Break {
    how: String,
}

#[answer(collect = false, timeout = "2s")]
async fn break_down(event: Break, ctx: &Context) -> Result<()> {
    match event.how.as_str() {
        "panic" => panic!("a secret of the inside"),
        "hang" => std::future::pending().await,
        "refuse" => Err(Error::refused(4242).saying("not today")),
        _ => Err(Error::internal(format!(
            "broken at {}",
            ctx.now().as_millis()
        ))),
    }
}

#[tokio::test]
async fn a_handler_that_answers_is_guarded_like_any_other() {
    let kit = TestKit::with::<break_down>().start().await;
    let broken = async |how: &str| {
        let client = kit.anonymous();
        let event = Break {
            how: how.to_owned(),
        };
        let outcome = crate::waiting::while_seconds_pass(&kit, client.submit(event)).await;
        let error = outcome.unwrap_err();
        assert!(!error.message().contains("secret"), "{}", error.message());
        error.code()
    };
    assert_eq!(ErrorCode::HandlerTerminated, broken("panic").await);
    assert_eq!(ErrorCode::HandlerTerminated, broken("hang").await);
    assert_eq!(ErrorCode::Custom(4242), broken("refuse").await);
    assert_eq!(ErrorCode::Internal, broken("fail").await);
    let handlers = kit.engine().handlers();
    let [listed] = handlers.as_slice() else {
        panic!("one handler")
    };
    assert_eq!(3, listed.stats.failures(), "a refusal is no failure");
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone)]
struct First {}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone)]
struct Second {}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = anyone)]
struct Third {}

#[answer(collect = false)]
async fn first(_event: First, ctx: &Context) -> Result<()> {
    ctx.cloud().dispatch(Second {}).await
}

#[answer(collect = false)]
async fn second(_event: Second, ctx: &Context) -> Result<()> {
    ctx.cloud().dispatch(Third {}).await
}

#[answer(collect = false)]
async fn third(_event: Third, ctx: &Context) -> Result<()> {
    ctx.cloud().dispatch(First {}).await
}

#[tokio::test]
async fn a_circle_of_three_events_is_refused_with_its_chain() {
    let kit = TestKit::with::<first>()
        .and::<second>()
        .and::<third>()
        .start()
        .await;
    let error = kit.anonymous().submit(First {}).await.unwrap_err();
    let log = error.log();
    assert!(log.contains("first > second > third > first"), "{log}");
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = server)]
struct Welcome {
    user: String,
}

/// Who was welcomed, in which roles, and for whom.
type Greeting = (String, Vec<Role>, Option<ObjectId>);

#[derive(Default)]
struct Welcomed(Mutex<Vec<Greeting>>);

#[answer(collect = false)]
async fn welcome(event: Welcome, ctx: &Context) -> Result<()> {
    let (roles, owner) = (ctx.call().roles.clone(), ctx.call().owner.clone());
    let welcomed = ctx.state::<Welcomed>();
    welcomed.0.lock().unwrap().push((event.user, roles, owner));
    Ok(())
}

#[before(collect = false)]
async fn promise_a_welcome(_event: &mut Register, ctx: &Context) -> Result<Flow<Register>> {
    for user in ["one", "two"] {
        ctx.after_commit(Welcome {
            user: user.to_owned(),
        })?;
    }
    Ok(Flow::Continue)
}

#[derive(Default)]
struct Refusing(AtomicBool);

#[after(collect = false)]
async fn refuse_late(
    _event: &Register,
    outcome: Outcome<Register>,
    ctx: &Context,
) -> Outcome<Register> {
    match ctx
        .state::<Refusing>()
        .0
        .load(std::sync::atomic::Ordering::Relaxed)
    {
        true => Err(Error::refused(1)),
        false => outcome,
    }
}

#[tokio::test]
async fn effects_run_in_order_as_server_code_once_the_call_has_succeeded() {
    let kit = TestKit::with::<welcome>()
        .and::<promise_a_welcome>()
        .and::<refuse_late>();
    let kit = kit.start().await;
    let guest = kit.guest().await;
    let register = |email: &str| Register::with(email, "secret");
    guest.submit(register("ann@example.com")).await.unwrap();
    kit.settled().await;
    let welcomed = std::mem::take(&mut *kit.state::<Welcomed>().0.lock().unwrap());
    let owner = Some(guest.id().clone());
    let expected =
        ["one", "two"].map(|user| (user.to_owned(), vec![Role::ServerCodeUser], owner.clone()));
    assert_eq!(expected[..], welcomed[..]);

    let refusing = kit.state::<Refusing>();
    refusing.0.store(true, std::sync::atomic::Ordering::Relaxed);
    guest.submit(register("bob@example.com")).await.unwrap_err();
    kit.settled().await;
    assert!(
        kit.state::<Welcomed>().0.lock().unwrap().is_empty(),
        "the call failed"
    );
}

#[answer(collect = false)]
async fn welcome_again(event: Welcome, ctx: &Context) -> Result<()> {
    ctx.after_commit(event)
}

#[tokio::test]
async fn an_effect_that_would_run_in_a_circle_is_refused_to_who_asks() {
    let kit = TestKit::with::<welcome_again>().start().await;
    let welcome = Welcome {
        user: String::new(),
    };
    let error = kit.code_runner().submit(welcome).await.unwrap_err();
    assert!(error.log().contains("welcome > welcome"), "{}", error.log());
}

#[tokio::test]
async fn an_event_that_nobody_waits_for_is_checked_at_once_and_run_later() {
    let kit = TestKit::with::<convert>().and::<break_down>().start().await;
    let client = kit.anonymous();
    for execution in [Execution::Async, Execution::AsyncLowPriority] {
        let wrong = client.dispatch("convert", json!({}), execution).await;
        assert_eq!(
            ErrorCode::InvalidParameter,
            wrong.outcome.unwrap_err().code()
        );
        let refused = client
            .dispatch("break", json!({"how": "refuse"}), execution)
            .await;
        assert_eq!(None, refused.outcome.unwrap());
        let run = client
            .dispatch("convert", json!({"celsius": 1}), execution)
            .await;
        assert_eq!(None, run.outcome.unwrap());
    }
    kit.settled().await;
    let handlers = ["::convert", "::break_down"].map(|name| format!("{}{name}", module_path!()));
    kit.expect_calls(handlers.iter().map(|path| (path.as_str(), 2)));
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "unlock", access = anyone)]
struct Unlock {
    pin: Secret<String>,
    password: String,
}

#[derive(Default)]
struct Printed(Mutex<Vec<String>>);

#[answer(collect = false)]
async fn unlock(event: Unlock, _ctx: &Context) -> Result<()> {
    match event.pin.reveal().as_str() {
        "1234" => Ok(()),
        _ => Err(Error::forbidden("the pin is wrong")),
    }
}

#[observe(collect = false)]
async fn print(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let printed = witness.state::<Printed>();
    printed.0.lock().unwrap().push(format!("{seen:?}"));
    Ok(())
}

#[tokio::test]
async fn secrets_in_events_come_in_and_are_never_printed() {
    let kit = TestKit::with::<unlock>().and::<print>().start().await;
    let arguments = json!({"pin": "1234", "password": "hunter2"});
    assert_eq!(
        None,
        run(&kit.anonymous(), "unlock", arguments)
            .await
            .outcome
            .unwrap()
    );
    let printed = kit.state::<Printed>().0.lock().unwrap().join("\n");
    assert!(printed.contains("unlock"), "{printed}");
    for secret in ["1234", "hunter2"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[tokio::test]
async fn an_event_runs_as_its_caller_and_its_cloud_code_as_the_server() {
    #[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
    #[event(name = "countUsers", output = usize, access = anyone)]
    struct CountUsers {}

    #[answer(collect = false)]
    async fn count_users(_event: CountUsers, ctx: &Context) -> Result<usize> {
        assert!(ctx.call().has_role("NotAuthenticatedUser"));
        Ok(ctx
            .cloud()
            .data("Users")
            .find(Query::default())
            .await?
            .len())
    }

    let kit = TestKit::with::<count_users>().start().await;
    kit.register("ann@example.com").await;
    let counted = run(&kit.anonymous(), "countUsers", json!({})).await;
    assert_eq!(Some(json!(1)), counted.outcome.unwrap());
}
