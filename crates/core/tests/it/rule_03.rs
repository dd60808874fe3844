//! Rule 3: observers see every call once, however it ended, and can change nothing.

use std::sync::Mutex;

use vestibule::prelude::*;
use vestibule_testkit::TestKit;

/// What the observers of this file wrote down.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn add(&self, note: String) {
        self.0.lock().unwrap().push(note);
    }
}

#[observe(collect = false)]
async fn watch(seen: &Seen<LoginAsGuest>, witness: &Witness) -> Result<()> {
    witness
        .state::<Notes>()
        .add(format!("{} {}", seen.ending.as_str(), seen.outcome.is_ok()));
    Ok(())
}

#[observe(collect = false)]
async fn watch_all(seen: &SeenAny, witness: &Witness) -> Result<()> {
    witness
        .state::<Notes>()
        .add(format!("{} {}", seen.event, seen.ending.as_str()));
    Ok(())
}

#[observe(collect = false)]
async fn broken(_seen: &Seen<LoginAsGuest>, _witness: &Witness) -> Result<()> {
    panic!("an observer hurts nobody")
}

#[before(collect = false)]
async fn misbehave(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    match event
        .properties
        .get("blUserLocale")
        .and_then(Value::as_text)
    {
        Some("refuse") => Err(Error::refused(1)),
        Some("panic") => panic!("as asked"),
        Some("hang") => std::future::pending().await,
        _ => Ok(Flow::Continue),
    }
}

#[before(collect = false)]
async fn answer(_event: &mut Logout, _ctx: &Context) -> Result<Flow<Logout>> {
    Ok(Flow::Respond(()))
}

#[observe(collect = false, timeout = "1s")]
async fn hang(_seen: &Seen<Logout>, _witness: &Witness) -> Result<()> {
    std::future::pending().await
}

/// Hands the notes of the observers to the test.
#[before(collect = false)]
async fn read_notes(event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    let notes = ctx.state::<Notes>();
    let notes = notes.0.lock().unwrap().join("; ");
    event.login = Value::Null;
    Err(Error::refused(1).saying(notes))
}

async fn notes(kit: &TestKit) -> String {
    let error = kit
        .anonymous()
        .submit(Login::new("", ""))
        .await
        .unwrap_err();
    error.message().to_owned()
}

fn guest(locale: &str) -> LoginAsGuest {
    let properties = Properties::from([("blUserLocale".to_owned(), Value::from(locale))]);
    LoginAsGuest { properties }
}

#[tokio::test]
async fn observers_see_every_call_once_however_it_ended() {
    let kit = TestKit::with::<watch>()
        .and::<misbehave>()
        .and::<read_notes>()
        .start()
        .await;
    let anybody = kit.anonymous();
    anybody.submit(guest("en")).await.unwrap();
    anybody.submit(guest("refuse")).await.unwrap_err();
    anybody.submit(guest("panic")).await.unwrap_err();
    kit.set("guests.enabled", false).await;
    anybody.submit(guest("en")).await.unwrap_err();
    let expected = "performed true; refused false; panicked false; denied false";
    assert_eq!(expected, notes(&kit).await);
}

#[tokio::test]
async fn observers_see_a_call_that_missed_its_deadline() {
    let kit = TestKit::with::<watch>()
        .and::<misbehave>()
        .and::<read_notes>()
        .start()
        .await;
    let anybody = kit.anonymous();
    let call = anybody.submit(guest("hang"));
    let outcome = crate::waiting::while_time_passes(&kit, call).await;
    assert_eq!(15000, outcome.unwrap_err().code().number());
    assert_eq!("timed_out false", notes(&kit).await);
}

#[tokio::test]
async fn an_observer_of_all_sees_all_events() {
    let kit = TestKit::with::<watch_all>()
        .and::<read_notes>()
        .start()
        .await;
    kit.anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap();
    kit.anonymous().submit(Logout::default()).await.unwrap();
    assert_eq!(
        "loginAsGuest performed; logout performed",
        notes(&kit).await
    );
}

#[tokio::test]
async fn observers_see_an_early_answer() {
    let kit = TestKit::with::<watch_all>()
        .and::<answer>()
        .and::<read_notes>()
        .start()
        .await;
    kit.anonymous().submit(Logout::default()).await.unwrap();
    assert_eq!("logout responded", notes(&kit).await);
}

#[tokio::test]
async fn when_all_slots_are_taken_a_call_waits_before_it_is_answered() {
    let kit = TestKit::with::<hang>().start().await;
    let request = kit.anonymous().request().await;
    for _ in 0..256 {
        kit.engine()
            .submit(request.clone(), Logout::default())
            .await
            .outcome
            .unwrap();
    }
    assert_eq!(0, kit.engine().statistics().observer_waits);
    let one_more = kit.engine().submit(request, Logout::default());
    let (reply, ()) = tokio::join!(one_more, async {
        let waits = || kit.engine().statistics().observer_waits;
        crate::waiting::until("the call waits for a slot", || waits() == 1).await;
        kit.advance(std::time::Duration::from_secs(1)).await;
    });
    reply.outcome.unwrap();
    crate::waiting::until("the last observer hangs too", || {
        kit.engine().handlers()[0].stats.calls() == 257
    })
    .await;
    kit.advance(std::time::Duration::from_secs(1)).await;
    kit.engine().observed().await;
    assert_eq!(
        257,
        kit.engine().handlers()[0].stats.failures(),
        "none was dropped"
    );
}

#[tokio::test]
async fn an_observer_that_panics_hurts_nobody() {
    let kit = TestKit::with::<broken>()
        .and::<watch>()
        .and::<read_notes>()
        .start()
        .await;
    kit.anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap();
    assert_eq!("performed true", notes(&kit).await);
}

#[tokio::test]
async fn shutdown_waits_for_observers() {
    let kit = TestKit::with::<watch>().start().await;
    kit.engine()
        .submit(kit.anonymous().request().await, guest("en"))
        .await
        .outcome
        .unwrap();
    kit.engine().shut_down().await;
    kit.expect_calls([(concat!(module_path!(), "::watch"), 1)]);
}
