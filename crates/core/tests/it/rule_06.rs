//! Rule 6: calls of cloud code run through the pipeline, and cannot run in circles.

use vestibule::{Role, prelude::*};
use vestibule_testkit::TestKit;

fn renamed(name: &str) -> Properties {
    Properties::from([("name".to_owned(), Value::from(name))])
}

#[after(collect = false)]
async fn rename_after_update(
    event: &UpdateUser,
    outcome: Outcome<UpdateUser>,
    ctx: &Context,
) -> Outcome<UpdateUser> {
    outcome?;
    ctx.cloud().update_user(event.id(), renamed("Circle")).await
}

#[after(collect = false)]
async fn rename_quietly(
    event: &UpdateUser,
    outcome: Outcome<UpdateUser>,
    ctx: &Context,
) -> Outcome<UpdateUser> {
    outcome?;
    ctx.cloud()
        .quietly()
        .update_user(event.id(), renamed("Quiet"))
        .await
}

#[after(collect = false)]
async fn name_newcomers(
    _event: &Register,
    outcome: Outcome<Register>,
    ctx: &Context,
) -> Outcome<Register> {
    ctx.cloud()
        .update_user(outcome?.id(), renamed("Newcomer"))
        .await
}

#[before(collect = false)]
async fn count_updates(_event: &mut UpdateUser, ctx: &Context) -> Result<Flow<UpdateUser>> {
    assert_eq!([Role::ServerCodeUser], ctx.call().roles[..]);
    Ok(Flow::Continue)
}

#[observe(collect = false)]
async fn watch_updates(_seen: &Seen<UpdateUser>, _witness: &Witness) -> Result<()> {
    Ok(())
}

#[before(collect = false)]
async fn guests_bring_guests(
    _event: &mut LoginAsGuest,
    ctx: &Context,
) -> Result<Flow<LoginAsGuest>> {
    let mut login = ctx.cloud().quietly().login_as_guest().await?;
    login.user.properties.clear();
    Ok(Flow::Respond(login))
}

#[tokio::test]
async fn calls_of_cloud_code_run_through_the_pipeline_as_server_code() {
    let kit = TestKit::with::<name_newcomers>()
        .and::<count_updates>()
        .start()
        .await;
    let ann = Register::with("ann@example.com", "secret");
    let ann = kit.anonymous().submit(ann).await.unwrap();
    assert_eq!(Some("Newcomer"), ann.name());
    kit.expect_calls([
        (concat!(module_path!(), "::name_newcomers"), 1),
        (concat!(module_path!(), "::count_updates"), 1),
    ]);
}

#[tokio::test]
async fn entering_an_event_from_within_itself_is_refused_with_the_chain() {
    let kit = TestKit::with::<rename_after_update>().start().await;
    let ann = kit.user("ann@example.com").await;
    let error = ann
        .submit(UpdateUser::new(ann.id().clone(), renamed("Ann")))
        .await
        .unwrap_err();
    assert!(
        error.log().contains("updateUser > updateUser"),
        "{}",
        error.log()
    );
    assert!(error.is_internal(), "the client is not to blame");
}

#[tokio::test]
async fn a_quiet_call_runs_the_bare_operation_and_observers_still_see_it() {
    let kit = TestKit::with::<rename_quietly>()
        .and::<watch_updates>()
        .start()
        .await;
    let ann = kit.user("ann@example.com").await;
    let outcome = ann
        .submit(UpdateUser::new(ann.id().clone(), renamed("Ann")))
        .await;
    assert_eq!(Some("Quiet"), outcome.unwrap().name());
    kit.expect_calls([
        (concat!(module_path!(), "::rename_quietly"), 1),
        (concat!(module_path!(), "::watch_updates"), 2),
    ]);
}

#[tokio::test]
async fn an_answer_made_by_cloud_code_is_an_answer() {
    let kit = TestKit::with::<guests_bring_guests>().start().await;
    let login = kit
        .anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap();
    assert!(kit.anonymous().logged_in(&login).is_alive().await);
}
