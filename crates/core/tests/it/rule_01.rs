//! Rule 1: before handlers run in ascending order, each sees the changes of those before it, and
//! the first that answers or fails ends the phase.

use vestibule::prelude::*;
use vestibule_testkit::TestKit;

fn note(event: &mut LoginAsGuest, name: &str) {
    let notes = event
        .properties
        .entry("blUserLocale".to_owned())
        .or_default();
    let so_far = notes.as_text().unwrap_or_default();
    *notes = Value::from(format!("{so_far}{name}"));
}

#[before(collect = false, order = 5)]
async fn late(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    note(event, "late");
    Ok(Flow::Continue)
}

#[before(collect = false, order = -5)]
async fn early(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    note(event, "early,");
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn b_after_a(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    note(event, "b,");
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn a_before_b(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    note(event, "a,");
    Ok(Flow::Continue)
}

#[before(collect = false, order = 1)]
async fn refuse(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Err(Error::refused(4242).saying("not today"))
}

#[before(collect = false, order = 1)]
async fn nobody_is_home(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Err(Error::refused(4243))
}

#[before(collect = false)]
async fn is_valid(_event: &mut Logout, _ctx: &Context) -> Result<Flow<Logout>> {
    Ok(Flow::Respond(()))
}

#[before(collect = false, order = 1)]
async fn never_reached(_event: &mut Logout, _ctx: &Context) -> Result<Flow<Logout>> {
    Err(Error::internal("the phase had ended"))
}

#[tokio::test]
async fn before_handlers_run_by_order_and_then_by_path() {
    let kit = TestKit::with::<late>()
        .and::<b_after_a>()
        .and::<early>()
        .and::<a_before_b>()
        .start()
        .await;
    let login = kit
        .anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap();
    assert_eq!(
        Some(&Value::from("early,a,b,late")),
        login.user.properties.get("blUserLocale")
    );
}

#[tokio::test]
async fn the_first_refusal_ends_the_phase_and_the_call() {
    let kit = TestKit::with::<early>()
        .and::<refuse>()
        .and::<late>()
        .start()
        .await;
    let error = kit
        .anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap_err();
    assert_eq!(
        (4242, "not today"),
        (error.code().number(), error.message())
    );
    kit.expect_calls([
        (concat!(module_path!(), "::early"), 1),
        (concat!(module_path!(), "::refuse"), 1),
        (concat!(module_path!(), "::late"), 0),
    ]);
}

#[tokio::test]
async fn the_first_answer_ends_the_phase_and_the_operation_does_not_run() {
    let kit = TestKit::with::<is_valid>()
        .and::<never_reached>()
        .start()
        .await;
    let guest = kit.guest().await;
    guest.submit(Logout::default()).await.unwrap();
    assert!(
        guest.is_alive().await,
        "the answer came in the place of the logout"
    );
    kit.expect_calls([(concat!(module_path!(), "::never_reached"), 0)]);
}

#[tokio::test]
async fn a_handler_of_another_event_does_not_run() {
    let kit = TestKit::with::<nobody_is_home>().start().await;
    kit.anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap();
    kit.expect_no_other_calls();
}
