//! Events by name: rehearsed on a copy, and run again as they were recorded.

use std::sync::Mutex;

use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_core::{Decision, ExplainedCall, ExplainedStep};
use vestibule_model::KeyKind;
use vestibule_testkit::{TestClient, TestKit};

use crate::event_input::{Letters, Line, Order, order};

/// Renames, sets a password, and makes a record.
#[before(collect = false)]
async fn meddle(event: &mut Register, ctx: &Context) -> Result<Flow<Register>> {
    event
        .properties
        .insert("name".to_owned(), Value::from("Ann"));
    event.password = Some(Password::new("hunter2"));
    let note = Properties::from([("password".to_owned(), Value::from("hunter2"))]);
    event.properties.insert(
        "note".to_owned(),
        Value::Json(json!({ "password": "hunter2" })),
    );
    let record = ctx.cloud().data("Note").create(note).await?;
    ctx.after_commit(Order { lines: Vec::new() })?;
    assert!(!record.id().as_str().is_empty());
    Ok(Flow::Continue)
}

#[derive(Default)]
struct Seen(Mutex<Vec<&'static str>>);

#[observe(collect = false)]
async fn note_all(seen: &SeenAny, witness: &Witness) -> Result<()> {
    witness.state::<Seen>().0.lock().unwrap().push(seen.event);
    Ok(())
}

#[before(order = 9, collect = false)]
async fn refuse(_event: &mut Register, _ctx: &Context) -> Result<Flow<Register>> {
    Err(Error::refused(4711).saying("not today"))
}

fn step<'c>(calls: &'c [ExplainedCall], name: &str) -> &'c ExplainedStep {
    let steps = calls[0].steps.iter();
    let mut steps = steps.filter(|step| step.handler.is_some_and(|(path, _)| path.ends_with(name)));
    steps.next().unwrap()
}

async fn notes(kit: &TestKit) -> Json {
    let everything = json!({ "table": "Note", "query": {} });
    let count = kit.code_runner().submit_by_name("count", everything).await;
    count.unwrap_or_default()
}

#[tokio::test]
async fn a_rehearsal_shows_what_handlers_change_and_leaves_the_app_as_it_is() {
    let kit = TestKit::with::<meddle>().and::<order>().and::<note_all>();
    let kit = kit
        .profile(vestibule_model::Profile::Backendless)
        .start()
        .await;
    let input = json!({ "properties": { "name": "ann", "email": "ann@example.com" }, "password": "hunter2" });
    let calls = kit.anonymous().rehearse("register", input).await.unwrap();

    assert_eq!(None, calls[0].ending, "the operation would run next");
    let meddled = step(&calls, "meddle");
    assert_eq!(Decision::Continued, meddled.decision);
    let changes: Vec<_> = meddled
        .changes
        .iter()
        .map(|change| json!([change.field, change.before, change.after]))
        .collect();
    assert_eq!(
        json!([
            ["/properties/name", "ann", "Ann"],
            ["/properties/note", null, { "password": "***" }],
        ]),
        Json::from(changes)
    );
    let led_to: Vec<_> = calls[1..]
        .iter()
        .map(|call| (call.event, call.depth))
        .collect();
    assert_eq!(vec![("create", 1)], led_to);
    assert!(!format!("{calls:?}").contains("hunter2"), "{calls:?}");

    // Neither the record nor the calls are known to the app itself.
    assert!(kit.state::<Seen>().0.lock().unwrap().is_empty());
    kit.expect_no_other_calls();
    assert_eq!(Json::Null, notes(&kit).await, "there is no such table");
}

#[tokio::test]
async fn a_rehearsal_on_the_engine_itself_tells_no_observer_and_starts_no_effect() {
    let kit = TestKit::with::<meddle>().and::<order>().and::<note_all>();
    let kit = kit
        .profile(vestibule_model::Profile::Backendless)
        .start()
        .await;
    let request = kit.anonymous().request().await;
    let rehearsed = kit.engine().rehearse(request, "register", json!({})).await;
    assert_eq!(
        Decision::Continued,
        step(&rehearsed.unwrap(), "meddle").decision
    );
    kit.settled().await;
    assert!(kit.state::<Seen>().0.lock().unwrap().is_empty());
    kit.expect_calls([(concat!(module_path!(), "::meddle"), 1)]);
    kit.expect_no_other_calls();
}

#[tokio::test]
async fn a_refusal_says_who_refused_and_what_the_caller_hears() {
    let kit = TestKit::with::<refuse>().start().await;
    let calls = kit
        .anonymous()
        .rehearse("register", json!({}))
        .await
        .unwrap();
    assert_eq!(Decision::Refused, step(&calls, "refuse").decision);
    assert_eq!(
        Some("refused"),
        calls[0].ending.map(|ending| ending.as_str())
    );
    assert_eq!(
        json!({ "code": 4711, "message": "not today" }),
        calls[0].output
    );

    kit.set("registration.enabled", false).await;
    let calls = kit
        .anonymous()
        .rehearse("register", json!({}))
        .await
        .unwrap();
    assert_eq!(
        Some("denied"),
        calls[0].ending.map(|ending| ending.as_str())
    );
    assert!(calls[0].steps.is_empty());
}

#[tokio::test]
async fn a_recorded_session_is_repeated_in_another_app() {
    let kit = TestKit::with::<order>().and::<Letters>();
    let first = kit.clone().recorded().start().await;
    let visitor = first.anonymous();
    visitor
        .submit(Register::with("ann@example.com", "hunter2"))
        .await
        .unwrap();
    visitor
        .submit(Login::new("ann@example.com", "hunter2"))
        .await
        .unwrap();
    visitor
        .submit(Order {
            lines: vec![Line { count: 5 }],
        })
        .await
        .unwrap();
    let letter = json!({ "count": 2 });
    visitor
        .invoke("letters", "/Ann/send", letter)
        .await
        .unwrap();
    visitor.submit(LoginAsGuest::default()).await.unwrap();
    first.expect_calls([("it::event_input::order", 1)]);
    first.expect_calls([("it::event_input::Letters::send", 1)]);
    first.expect_no_other_calls();
    let recording = first.recording();
    assert_eq!(5, recording.len());
    assert!(!recording.join("\n").contains("hunter2"));

    let second = kit.start().await;
    let replayed = replay(&second.anonymous(), &recording).await;
    assert_eq!("ann@example.com", replayed[0]["properties"]["email"]);
    assert_eq!("ann@example.com", replayed[1]["properties"]["email"]);
    assert_eq!(
        (json!(5), json!("2 for Ann")),
        (replayed[2].clone(), replayed[3].clone())
    );
    assert_eq!("GUEST", replayed[4]["userStatus"]);
}

async fn replay(client: &TestClient<'_>, lines: &[String]) -> Vec<Json> {
    let mut outputs = Vec::new();
    for line in lines {
        let output = client.replay(line).await;
        outputs.push(output.unwrap_or_else(|error| panic!("{line}: {}", error.log())));
    }
    outputs
}

#[tokio::test]
async fn what_clients_cannot_ask_for_is_not_run_by_its_name_either() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    let login = json!({ "objectId": ann.id().as_str() });
    let refused = kit
        .anonymous()
        .submit_by_name("loginByObjectId", login.clone())
        .await;
    assert_eq!(3042, refused.unwrap_err().code().number());
    let purge = json!({ "objectId": ann.id().as_str(), "reason": "noSession" });
    let refused = kit.code_runner().submit_by_name("purgeGuest", purge).await;
    assert_eq!(3042, refused.unwrap_err().code().number());
    let user = kit
        .code_runner()
        .submit_by_name("loginByObjectId", login)
        .await;
    assert_eq!(ann.id().as_str(), user.unwrap()["objectId"]);
}

#[tokio::test]
async fn a_login_that_no_observer_hears_of_needs_a_copy_of_the_data() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    let app = kit.engine().app();
    let key = app.key(KeyKind::Bl).unwrap();
    let code_runner = kit.engine().code_runner(key).unwrap();
    let before = kit.storage().sessions_of(ann.id()).await.unwrap();
    let refused = code_runner.session_of(ann.id().clone()).await.unwrap_err();
    assert!(refused.log().contains("on_a_copy"), "{}", refused.log());
    let after = kit.storage().sessions_of(ann.id()).await.unwrap();
    assert_eq!(before.len(), after.len());
}
