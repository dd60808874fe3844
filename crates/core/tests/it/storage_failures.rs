//! What goes on while the storage fails, and what is made good when it answers again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vestibule::{prelude::*, table};
use vestibule_model::{PermissionOperation, Resource};
use vestibule_storage::Change;
use vestibule_testkit::{Outage, Profile, TestClient, TestKit};

use crate::shop::refused;

const ANN: &str = "ann@example.com";

table! {
    collect = false;
    Diary { text: String }
}

async fn read(client: &TestClient<'_>) -> Result<u64> {
    client.submit(Count::new("Diary", Query::new())).await
}

#[tokio::test]
async fn permissions_that_cannot_be_read_again_are_as_they_were_until_they_can() {
    let kit = TestKit::bare()
        .schema(&[Diary])
        .profile(Profile::Backendless);
    let kit = kit.start().await;
    let ann = kit.user(ANN).await;
    let diary = Resource::Table("Diary".to_owned());
    let (everybody, find) = (
        Grantee::Role("AuthenticatedUser".to_owned()),
        PermissionOperation::Find,
    );
    let said = kit
        .engine()
        .set_permission(everybody, diary, find, Some(Access::Deny));
    // The database goes away between the write and the reading of what it made.
    kit.break_storage(Outage::of_writes().delayed());
    let (said, ()) = tokio::join!(said, async {
        while kit.storage_delays() == 0 {
            tokio::task::yield_now().await;
        }
        kit.mend_storage();
        kit.break_storage(Outage::of_reads());
    });
    said.unwrap();
    kit.mend_storage();
    // It is stored, and does not count yet: nobody could read it.
    assert_eq!(1, kit.storage().permissions().await.unwrap().len());
    read(&ann).await.unwrap();
    // Trying again does not help while the storage fails.
    kit.break_storage(Outage::of_reads());
    kit.advance(Duration::from_secs(10)).await;
    kit.mend_storage();
    read(&ann).await.unwrap();
    // Reading them takes real time, and the clock does not wait for it.
    for _ in 0..1_000 {
        kit.advance(Duration::from_secs(10)).await;
        if read(&ann).await.is_err() {
            break;
        }
    }
    refused(1013, read(&ann).await);
}

#[after(collect = false)]
async fn refuse_login(_event: &Login, outcome: Outcome<Login>, ctx: &Context) -> Outcome<Login> {
    if ctx.call().headers.get("x-refuse").is_some() {
        return Err(Error::refused(4242));
    }
    outcome
}

fn ends_sessions(change: &Change) -> bool {
    matches!(change, Change::EndSessions(_))
}

#[tokio::test]
async fn a_session_that_cannot_be_ended_just_then_is_ended_when_it_can() {
    let kit = TestKit::with::<refuse_login>().start().await;
    kit.register(ANN).await;
    let ann = kit.storage().account_by_identity(ANN).await.unwrap();
    let id = ann.unwrap().user.id().clone();
    let sessions = async || kit.storage().sessions_of(&id).await.unwrap().len();
    kit.break_storage(Outage::of_writes_with(ends_sessions));
    let newcomer = kit.anonymous().with_header("x-refuse", "yes");
    newcomer
        .submit(Login::new(ANN, "secret"))
        .await
        .unwrap_err();
    assert_eq!(
        (1, 1),
        (sessions().await, kit.engine().unfinished().leftovers)
    );
    // Tried again, in vain.
    while_time_passes(&kit, async || kit.storage_failures() > 1).await;
    assert_eq!(1, sessions().await);
    kit.mend_storage();
    let is_ended = async || sessions().await == 0;
    while_time_passes(&kit, is_ended).await;
    assert_eq!(0, kit.engine().unfinished().leftovers);
}

/// Lets time pass until this is so. What is done when it is time takes real time as well, and the clock
/// does not wait for it.
async fn while_time_passes(kit: &TestKit, is_so: impl AsyncFn() -> bool) {
    for _ in 0..1_000 {
        kit.advance(Duration::from_secs(10)).await;
        if is_so().await {
            return;
        }
    }
    panic!("it was not so in 10000 seconds");
}

#[tokio::test]
async fn what_could_not_be_removed_is_removed_at_the_latest_by_a_shutdown() {
    let kit = TestKit::with::<refuse_login>().start().await;
    kit.register(ANN).await;
    kit.break_storage(Outage::of_writes_with(ends_sessions).times(1));
    let newcomer = kit.anonymous().with_header("x-refuse", "yes");
    newcomer
        .submit(Login::new(ANN, "secret"))
        .await
        .unwrap_err();
    let kit = kit.restart(Duration::ZERO).await;
    let ann = kit.storage().account_by_identity(ANN).await.unwrap();
    let ann = ann.unwrap().user;
    assert!(
        kit.storage()
            .sessions_of(ann.id())
            .await
            .unwrap()
            .is_empty()
    );
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "welcome", access = server)]
struct Welcome {}

#[answer(collect = false)]
async fn welcome(_event: Welcome, ctx: &Context) -> Result<()> {
    let text = record! { "text" => "a new day" };
    ctx.cloud().data("Diary").create(text).await?;
    Ok(())
}

#[after(collect = false)]
async fn welcome_after_login(
    _event: &Login,
    outcome: Outcome<Login>,
    ctx: &Context,
) -> Outcome<Login> {
    ctx.after_commit(Welcome {})?;
    outcome
}

async fn with_welcomes() -> TestKit {
    let kit = TestKit::with::<welcome>().and::<welcome_after_login>();
    let kit = kit.schema(&[Diary]).start().await;
    kit.register(ANN).await;
    kit
}

async fn log_in(kit: &TestKit) -> Result<()> {
    let login = kit.anonymous().submit(Login::new(ANN, "secret")).await;
    kit.settled().await;
    login.map(|_| ())
}

#[tokio::test]
async fn an_effect_whose_writes_fail_takes_nothing_back_and_is_not_tried_again() {
    let kit = with_welcomes().await;
    let inserts = |change: &Change| matches!(change, Change::InsertRecord(_));
    kit.break_storage(Outage::of_writes_with(inserts).times(1));
    log_in(&kit).await.unwrap();
    kit.expect_calls([("it::storage_failures::welcome", 1)]);
    assert_eq!(1, kit.storage_failures());
    kit.advance(Duration::from_secs(60)).await;
    kit.expect_calls([("it::storage_failures::welcome", 0)]);
    assert_eq!(0, read(&kit.code_runner()).await.unwrap());
    log_in(&kit).await.unwrap();
    assert_eq!(1, read(&kit.code_runner()).await.unwrap());
}

#[tokio::test]
async fn a_call_whose_settlement_fails_has_no_effects() {
    let kit = with_welcomes().await;
    log_in(&kit).await.unwrap();
    // What fails is what a login does when the whole call has succeeded: it ends the sessions that it
    // displaces.
    kit.break_storage(Outage::of_writes_with(ends_sessions).times(1));
    log_in(&kit).await.unwrap_err();
    kit.expect_calls([("it::storage_failures::welcome", 1)]);
    assert_eq!(1, read(&kit.code_runner()).await.unwrap());
}
