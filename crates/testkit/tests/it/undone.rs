//! A kit that is dropped says what was left undone.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Notify;
use vestibule::{Execution, prelude::*};
use vestibule_testkit::{Change, Outage, TestKit};

use crate::complaint;

/// What handlers of these tests wait for, and no test gives.
#[derive(Default)]
struct Never(Notify);

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "wait", access = anyone)]
struct Wait {}

#[answer(collect = false)]
async fn wait(_event: Wait, ctx: &Context) -> Result<()> {
    ctx.state::<Never>().0.notified().await;
    Ok(())
}

#[after(collect = false)]
async fn ask_to_wait(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    ctx: &Context,
) -> Outcome<LoginAsGuest> {
    ctx.after_commit(Wait {})?;
    outcome
}

#[timer(every = "1h", collect = false)]
async fn waits(_tick: RunTimer, ctx: &Context) -> Result<()> {
    ctx.state::<Never>().0.notified().await;
    Ok(())
}

/// Logs somebody in, and thinks better of it.
#[before(collect = false)]
async fn log_in_and_refuse(event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    let Value::Text(id) = &event.login else {
        return Ok(Flow::Continue);
    };
    let id = ObjectId::parse(id)?;
    ctx.cloud().login_by_object_id(&id).await?;
    Err(Error::refused(4242))
}

#[tokio::test]
async fn a_test_that_leaves_nothing_behind_passes() {
    let kit = TestKit::with::<wait>().and::<ask_to_wait>().start().await;
    kit.state::<Never>().0.notify_one();
    kit.guest().await;
    kit.settled().await;
}

#[tokio::test]
async fn an_effect_that_has_not_run_is_named() {
    let kit = TestKit::with::<wait>().and::<ask_to_wait>().start().await;
    kit.guest().await;
    let said = complaint(|| drop(kit));
    assert!(said.contains("wait, 1 times: an effect"), "{said}");
}

#[tokio::test]
async fn an_event_that_nobody_waits_for_is_named() {
    let kit = TestKit::with::<wait>().start().await;
    let anybody = kit.anonymous();
    for _ in 0..2 {
        let dispatched = anybody.dispatch("wait", json!({}), Execution::Async);
        dispatched.await.outcome.unwrap();
    }
    let said = complaint(|| drop(kit));
    assert!(said.contains("wait, 2 times"), "{said}");
}

#[tokio::test]
async fn a_timer_that_runs_is_named() {
    let kit = TestKit::with::<waits>().start().await;
    kit.advance(Duration::from_secs(3600)).await;
    let said = complaint(|| drop(kit));
    assert!(
        said.contains("the timer it::undone::waits is running"),
        "{said}"
    );
}

#[tokio::test]
async fn a_mail_under_way_is_told_of() {
    let kit = TestKit::bare()
        .setting("registration.emailConfirmationRequired", true)
        .start()
        .await;
    kit.stall_mail(true);
    kit.register("ann@example.com").await;
    let said = complaint(|| drop(kit));
    assert!(said.contains("1 mails are under way"), "{said}");
}

#[tokio::test]
async fn a_call_that_nobody_awaited_is_named() {
    let kit = TestKit::with::<wait>().start().await;
    {
        let anybody = kit.anonymous();
        let call = anybody.submit(Wait {});
        tokio::select! {
            _ = call => panic!("nobody notifies it"),
            () = until_it_runs(&kit) => {}
        }
    }
    let said = complaint(|| drop(kit));
    assert!(said.contains("1 calls are still running"), "{said}");
    assert!(said.contains("gave up waiting for wait"), "{said}");
}

async fn until_it_runs(kit: &TestKit) {
    while kit.engine().statistics().calls_running == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_session_that_a_failed_call_opened_is_named_with_the_call() {
    let kit = TestKit::with::<log_in_and_refuse>().start().await;
    let id = kit.guest().await.id().clone();
    let login = Login::new(id.as_str(), "whatever");
    kit.anonymous().submit(login).await.unwrap_err();
    let said = complaint(|| drop(kit));
    let expected = format!("a session of the user {id}, which a call of login opened that failed");
    assert!(said.contains(&expected), "{said}");
}

#[tokio::test]
async fn a_session_that_the_test_ends_is_not_left_behind() {
    let kit = TestKit::with::<log_in_and_refuse>().start().await;
    let id = kit.guest().await.id().clone();
    let login = Login::new(id.as_str(), "whatever");
    kit.anonymous().submit(login).await.unwrap_err();
    kit.code_runner().submit(RemoveUser::new(id)).await.unwrap();
}

#[after(collect = false)]
async fn refuse_guest(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    _ctx: &Context,
) -> Outcome<LoginAsGuest> {
    outcome?;
    Err(Error::refused(4242))
}

#[tokio::test]
async fn traces_that_the_storage_would_not_remove_are_told_of_until_it_does() {
    let kit = TestKit::with::<refuse_guest>().start().await;
    let removal = |change: &Change| matches!(change, Change::RemoveUser { .. });
    kit.break_storage(Outage::of_writes_with(removal));
    let guest = LoginAsGuest::default();
    kit.anonymous().submit(guest).await.unwrap_err();
    assert_eq!(1, kit.engine().unfinished().leftovers);
    kit.mend_storage();
    // Removing them takes real time, and the clock does not wait for it.
    for _ in 0..1_000 {
        kit.advance(Duration::from_secs(10)).await;
        if kit.engine().unfinished().leftovers == 0 {
            break;
        }
    }
    // Writes are made one after the other, so those are done that came before this one.
    kit.engine().flush_activity().await.unwrap();
    assert_eq!(0, kit.engine().unfinished().leftovers);
    kit.break_storage(Outage::of_writes_with(removal));
    let guest = LoginAsGuest::default();
    kit.anonymous().submit(guest).await.unwrap_err();
    let said = complaint(|| drop(kit));
    assert!(said.contains("the traces of 1 failed calls"), "{said}");
    assert!(
        said.contains("which a call of loginAsGuest opened"),
        "{said}"
    );
}

#[tokio::test]
async fn who_says_so_may_leave_something_behind() {
    let kit = TestKit::with::<wait>().and::<ask_to_wait>().start().await;
    kit.guest().await;
    kit.abandon();
}

#[tokio::test]
async fn a_test_that_fails_is_told_why_and_nothing_else() {
    let kit = TestKit::with::<wait>().and::<ask_to_wait>().start().await;
    kit.guest().await;
    let said = complaint(move || {
        let _kit = kit;
        panic!("the reason");
    });
    assert_eq!("the reason", said);
}
