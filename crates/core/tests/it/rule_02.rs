//! Rule 2: after handlers run exactly when the operation ran, take and return the outcome, and
//! cannot lose it.

use vestibule::prelude::*;
use vestibule_testkit::TestKit;

#[after(collect = false)]
async fn forgive(event: &Logout, outcome: Outcome<Logout>, _ctx: &Context) -> Outcome<Logout> {
    let _ = (event, outcome);
    Ok(())
}

#[after(collect = false)]
async fn explain(_event: &Login, outcome: Outcome<Login>, _ctx: &Context) -> Outcome<Login> {
    outcome.map_err(|error| Error::new(error.code(), "ask the front desk"))
}

#[after(collect = false, on_failure = "open")]
async fn open_and_broken(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    _ctx: &Context,
) -> Outcome<LoginAsGuest> {
    drop(outcome);
    panic!("the outcome was in my hands")
}

#[after(collect = false, on_failure = "open")]
async fn open_and_careless(
    _event: &LoginAsGuest,
    _outcome: Outcome<LoginAsGuest>,
    _ctx: &Context,
) -> Outcome<LoginAsGuest> {
    "seven".parse::<i32>()?;
    unreachable!("seven is no number")
}

#[before(collect = false)]
async fn refuse(_event: &mut Logout, _ctx: &Context) -> Result<Flow<Logout>> {
    Err(Error::forbidden("stay"))
}

#[before(collect = false)]
async fn answer(_event: &mut Logout, _ctx: &Context) -> Result<Flow<Logout>> {
    Ok(Flow::Respond(()))
}

const FORGIVE: &str = concat!(module_path!(), "::forgive");

#[tokio::test]
async fn after_handlers_see_failures_and_may_change_them() {
    let kit = TestKit::with::<explain>().start().await;
    let error = kit
        .anonymous()
        .submit(Login::new("nobody@example.com", "x"))
        .await
        .unwrap_err();
    assert_eq!(
        (3003, "ask the front desk"),
        (error.code().number(), error.message())
    );
}

#[tokio::test]
async fn a_refusal_skips_after_handlers() {
    let kit = TestKit::with::<refuse>().and::<forgive>().start().await;
    assert!(kit.anonymous().submit(Logout::default()).await.is_err());
    kit.expect_calls([(FORGIVE, 0)]);
}

#[tokio::test]
async fn an_early_answer_skips_after_handlers() {
    let kit = TestKit::with::<answer>().and::<forgive>().start().await;
    kit.anonymous().submit(Logout::default()).await.unwrap();
    kit.expect_calls([(FORGIVE, 0)]);
}

#[tokio::test]
async fn the_operation_ran_so_the_after_handler_ran() {
    let kit = TestKit::with::<forgive>().start().await;
    kit.anonymous().submit(Logout::default()).await.unwrap();
    kit.expect_calls([(FORGIVE, 1)]);
}

#[tokio::test]
async fn a_fail_open_handler_that_panics_cannot_lose_the_outcome() {
    let kit = TestKit::with::<open_and_broken>()
        .and::<open_and_careless>()
        .start()
        .await;
    let login = kit
        .anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap();
    let guest = kit.anonymous().logged_in(&login);
    assert!(guest.is_alive().await);
}
