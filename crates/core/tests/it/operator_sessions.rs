//! What the operator sees of sessions, and how the operator ends them.

use std::time::Duration;

use vestibule::prelude::*;
use vestibule_core::{ChangeUserStatus, ListedSession};
use vestibule_model::Actor;
use vestibule_testkit::{TestClient, TestKit, TestKitBuilder};

const ANN: &str = "ann@example.com";

async fn several() -> TestKit {
    TestKit::bare()
        .setting("login.multipleLogins", true)
        .start()
        .await
}

async fn listed(kit: &TestKit, of: &TestClient<'_>) -> Vec<ListedSession> {
    let listed = kit.engine().sessions_for_operator(of.id(), 0, 100).await;
    listed.unwrap()
}

/// What the trail says of the operator's last deed: what, and to whom.
async fn last_deed(kit: &TestKit) -> (String, Option<ObjectId>) {
    let trail = kit.storage().audit(0, 1).await.unwrap();
    assert_eq!(
        (Actor::Admin, &None),
        (trail[0].actor.clone(), &trail[0].caller)
    );
    (trail[0].action.clone(), trail[0].subject.clone())
}

#[tokio::test]
async fn a_session_is_listed_with_its_times_by_what_memory_knows() {
    let kit = TestKit::bare().start().await;
    let began = kit.engine().now();
    let ann = kit.user(ANN).await;
    kit.advance(Duration::from_secs(100)).await;
    let used = kit.engine().now();
    kit.engine().roles(ann.request().await).unwrap();
    kit.clock().advance(Duration::from_millis(1500)); // less than a flush: only memory knows
    let session = &listed(&kit, &ann).await[0];
    assert_eq!((began, used), (session.created, session.last_used));
    assert_eq!(Some(used.plus(Duration::from_secs(3600))), session.expires);
    assert!(session.alive);
}

#[tokio::test]
async fn the_end_that_comes_first_is_told_and_settings_count_at_once() {
    let kit = TestKit::bare().start().await;
    let began = kit.engine().now();
    let ann = kit.user(ANN).await;
    for (timeout, lifetime, expires) in [
        (3600, 0, Some(3600)),
        (3600, 600, Some(600)),
        (60, 600, Some(60)),
        (0, 600, Some(600)),
        (0, 0, None),
    ] {
        kit.set("sessions.inactivityTimeoutSeconds", timeout).await;
        kit.set("sessions.absoluteLifetimeSeconds", lifetime).await;
        let expected = expires.map(|seconds| began.plus(Duration::from_secs(seconds)));
        assert_eq!(expected, listed(&kit, &ann).await[0].expires);
    }
}

#[tokio::test]
async fn a_session_that_expired_is_listed_as_dead_with_the_moment_of_its_end() {
    // The cleanup takes away what has expired.
    let kit = TestKit::bare().setting("guests.cleanup", false);
    let kit = kit.start().await;
    let began = kit.engine().now();
    let ann = kit.user(ANN).await;
    kit.advance(Duration::from_secs(4000)).await;
    let session = &listed(&kit, &ann).await[0];
    assert!(!session.alive);
    assert_eq!(Some(began.plus(Duration::from_secs(3600))), session.expires);
    assert_eq!(began, session.last_used);
}

#[tokio::test]
async fn sessions_are_listed_in_pages_and_the_latest_login_first() {
    let kit = several().await;
    let ann = kit.user(ANN).await;
    for _ in 0..4 {
        kit.advance(Duration::from_secs(1)).await;
        kit.log_in(ANN).await;
    }
    let all = listed(&kit, &ann).await;
    assert_eq!(5, all.len());
    assert!(all.is_sorted_by(|one, next| one.created > next.created));
    for (offset, limit, expected) in [(0, 2, 0..2), (2, 2, 2..4), (4, 2, 4..5), (5, 2, 5..5)] {
        let page = kit
            .engine()
            .sessions_for_operator(ann.id(), offset, limit)
            .await;
        assert_eq!(all[expected], page.unwrap());
    }
}

#[tokio::test]
async fn neither_a_token_nor_a_part_of_one_is_listed() {
    let kit = several().await;
    let ann = kit.user(ANN).await;
    let token = ann.token().reveal();
    let shown = format!("{:?}", listed(&kit, &ann).await);
    let (selector, verifier) = token.split_once('.').unwrap();
    let bytes = format!("{:?}", ann.token());
    let uuid = bytes.split(['(', ')']).nth(1).unwrap();
    for secret in [selector, verifier, uuid, &uuid.replace('-', "")] {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}

#[tokio::test]
async fn one_session_ends_at_once_and_the_others_live_on() {
    let kit = several().await;
    let first = kit.user(ANN).await;
    kit.advance(Duration::from_secs(1)).await;
    let second = kit.log_in(ANN).await;
    let of_first = listed(&kit, &first).await[1].id.to_string();
    let engine = kit.engine();
    engine
        .end_session_for_operator(first.id(), &of_first)
        .await
        .unwrap();
    assert!(!first.is_alive().await && second.is_alive().await);
    assert_eq!(1, listed(&kit, &first).await.len());
    let expected = ("endSession".to_owned(), Some(first.id().clone()));
    assert_eq!(expected, last_deed(&kit).await);

    let again = engine.end_session_for_operator(first.id(), &of_first).await;
    assert_eq!(1000, again.unwrap_err().code().number());
}

#[tokio::test]
async fn a_session_of_somebody_else_is_not_ended_under_a_users_name() {
    let kit = several().await;
    let (ann, bob) = (kit.user(ANN).await, kit.user("bob@example.com").await);
    let of_bob = listed(&kit, &bob).await[0].id.to_string();
    let refused = kit
        .engine()
        .end_session_for_operator(ann.id(), &of_bob)
        .await;
    assert_eq!(1000, refused.unwrap_err().code().number());
    assert!(bob.is_alive().await);
}

#[tokio::test]
async fn all_sessions_of_a_user_end_at_once_and_nobody_elses() {
    let kit = several().await;
    let (first, bob) = (kit.user(ANN).await, kit.user("bob@example.com").await);
    let second = kit.log_in(ANN).await;
    kit.engine()
        .end_sessions_for_operator(first.id())
        .await
        .unwrap();
    assert!(!first.is_alive().await && !second.is_alive().await);
    assert!(bob.is_alive().await);
    assert!(listed(&kit, &first).await.is_empty());
    let expected = ("endSessions".to_owned(), Some(first.id().clone()));
    assert_eq!(expected, last_deed(&kit).await);
    kit.log_in(ANN).await; // the account itself is as it was
    kit.engine()
        .end_sessions_for_operator(first.id())
        .await
        .unwrap();
    kit.engine()
        .end_sessions_for_operator(first.id())
        .await
        .unwrap(); // none are none
}

#[tokio::test]
async fn a_guest_whose_session_the_operator_ends_is_gone() {
    let kit = recipe_with_cleanup().start().await;
    let guest = kit.guest().await;
    kit.engine()
        .end_sessions_for_operator(guest.id())
        .await
        .unwrap();
    assert!(!guest.is_alive().await);
    let plan = kit.engine().guests_plan(None, 10).await.unwrap();
    assert_eq!(1, plan.counts.gone);
}

fn recipe_with_cleanup() -> TestKitBuilder {
    TestKit::bare().setting("guests.sweepSeconds", 1000)
}

#[tokio::test]
async fn the_sessions_of_a_disabled_user_are_listed_and_can_be_ended() {
    let kit = several().await;
    let ann = kit.user(ANN).await;
    let disable = ChangeUserStatus::new(ann.id().clone(), UserStatus::Disabled);
    kit.code_runner()
        .submit_as_code_runner(disable)
        .await
        .unwrap();
    assert!(listed(&kit, &ann).await[0].alive);
    kit.engine()
        .end_sessions_for_operator(ann.id())
        .await
        .unwrap();
    assert!(listed(&kit, &ann).await.is_empty());
}

#[tokio::test]
async fn an_unknown_user_is_refused_with_3057_and_leaves_no_record() {
    let kit = several().await;
    let nobody = ObjectId::parse("NOBODY").unwrap();
    let before = kit.storage().audit(0, 100).await.unwrap().len();
    let engine = kit.engine();
    let refusals = [
        engine
            .sessions_for_operator(&nobody, 0, 10)
            .await
            .unwrap_err(),
        engine.end_sessions_for_operator(&nobody).await.unwrap_err(),
        engine
            .end_session_for_operator(&nobody, "0")
            .await
            .unwrap_err(),
    ];
    for refusal in refusals {
        assert_eq!(3057, refusal.code().number());
    }
    assert_eq!(before, kit.storage().audit(0, 100).await.unwrap().len());
}
