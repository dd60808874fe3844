//! What it takes to be taken for the existing user.

use std::time::Duration;

use vestibule::prelude::*;
use vestibule_core::ChangeUserStatus;
use vestibule_model::Actor;
use vestibule_testkit::{TestClient, TestKit};

use super::{Script, actions, conversion, convert, kit_that_plans, shop, take_all};
use crate::shop::refused;

#[tokio::test]
async fn without_proof_nothing_is_merged_and_nobody_learns_anything() {
    let kit = kit_that_plans(take_all).await;
    let silent = TestKit::bare().start().await;
    silent.register("ann@example.com").await;
    let stranger = silent.guest().await;
    let plain = convert(&stranger, "wrong").await.unwrap_err();

    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let before = kit.storage().user(guest.id()).await.unwrap();
    let reply = guest.reply(conversion(guest.id(), "wrong")).await;
    assert_eq!(plain, reply.outcome.unwrap_err());
    assert_eq!(
        silent.anonymous().reply(Logout::default()).await.response,
        reply.response
    );
    assert_eq!(before, kit.storage().user(guest.id()).await.unwrap());
    assert!(ann.is_alive().await && guest.is_alive().await);
    assert!(!kit.state::<Script>().conflicts.lock().unwrap()[0].proved());
    assert!(actions(&kit).await.is_empty());
}

#[before(collect = false)]
async fn refuse_loudly(_event: &mut GuestConflict, ctx: &Context) -> Result<Flow<GuestConflict>> {
    ctx.response().set_status(418)?;
    Err(Error::refused(4242))
}

#[tokio::test]
async fn what_a_handler_refuses_with_is_heard_with_proof_only() {
    let kit = TestKit::with::<refuse_loudly>().start().await;
    let (_ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let reply = guest.reply(conversion(guest.id(), "wrong")).await;
    assert_eq!(None, reply.response.status);
    refused(3033, reply.outcome);
    refused(4242, convert(&guest, "secret").await);
}

#[tokio::test]
async fn guesses_count_as_failed_logins_and_lock_the_account() {
    let kit = kit_that_plans(take_all).await;
    kit.set("login.lockAfterFailedLogins", 2).await;
    kit.register("ann@example.com").await;
    let guest = kit.guest().await;
    for _ in 0..2 {
        refused(3033, convert(&guest, "wrong").await);
    }
    let login = || Login::new("ann@example.com", "secret");
    refused(3036, kit.anonymous().submit(login()).await);
    refused(3033, convert(&guest, "secret").await);
    assert!(kit.storage().user(guest.id()).await.unwrap().is_some());
    kit.advance(Duration::from_secs(24 * 3600)).await;
}

#[tokio::test]
async fn a_merge_forgets_the_failed_logins_before_it() {
    let kit = kit_that_plans(take_all).await;
    kit.set("login.lockAfterFailedLogins", 2).await;
    kit.register("ann@example.com").await;
    let guest = kit.guest().await;
    refused(3033, convert(&guest, "wrong").await);
    convert(&guest, "secret").await.unwrap();
    let wrong = Login::new("ann@example.com", "wrong");
    refused(3003, kit.anonymous().submit(wrong).await);
    kit.log_in("ann@example.com").await;
}

#[tokio::test]
async fn nobody_is_merged_into_a_user_who_could_not_log_in() {
    let kit = kit_that_plans(take_all).await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    kit.set("login.enabled", false).await;
    refused(3033, convert(&guest, "secret").await);
    kit.set("login.enabled", true).await;
    let disable = ChangeUserStatus::new(ann.id().clone(), UserStatus::Disabled);
    kit.code_runner()
        .submit_as_code_runner(disable)
        .await
        .unwrap();
    refused(3033, convert(&guest, "secret").await);
    let event = conversion(guest.id(), "secret");
    refused(3033, kit.code_runner().submit(event).await);
    assert!(kit.storage().user(guest.id()).await.unwrap().is_some());
}

#[tokio::test]
async fn server_code_needs_the_password_like_everybody_else() {
    let kit = kit_that_plans(take_all).await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let guess = conversion(guest.id(), "any other");
    refused(3033, kit.code_runner().submit(guess).await);
    let event = conversion(guest.id(), "secret");
    let user = kit.code_runner().submit(event).await.unwrap();
    assert_eq!(ann.id(), user.id());
    let trail = actions(&kit).await;
    let handler = Actor::Handler("it::merge_guest::resolve".to_owned());
    let merged = format!("mergeGuest {}", guest.id());
    assert!(
        trail.contains(&(handler, merged, Some(ann.id().clone()))),
        "{trail:?}"
    );
    assert!(
        trail.iter().any(|(_, action, _)| action == "convertGuest"),
        "{trail:?}"
    );
    kit.log_in("ann@example.com").await;
}

/// How many passwords are hashed while a call is made.
async fn hashes(kit: &TestKit, guest: &TestClient<'_>, password: &str) -> u64 {
    let before = kit.engine().statistics().password_hashes;
    refused(3033, convert(guest, password).await);
    kit.engine().statistics().password_hashes - before
}

#[tokio::test]
async fn right_and_wrong_cost_the_same_where_nothing_comes_of_it() {
    let kit = shop().start().await;
    kit.set("login.lockAfterFailedLogins", 1).await;
    kit.register("ann@example.com").await;
    let guest = kit.guest().await;
    let right = hashes(&kit, &guest, "secret").await;
    let wrong = hashes(&kit, &guest, "wrong").await;
    let locked = hashes(&kit, &guest, "secret").await;
    assert_eq!((right, right), (wrong, locked));
}
