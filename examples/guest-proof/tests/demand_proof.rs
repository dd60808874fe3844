//! `demand_proof` as a visitor meets it.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

use std::time::Duration;

use guest_limits::limit_guests;
use guest_proof::{Proof, demand_proof};
use vestibule::prelude::*;
use vestibule_testkit::{HandlerConfig, TestKit, TestKitBuilder};

/// An app with the handler, and the one that it wants to run after.
fn app() -> TestKitBuilder {
    TestKit::with::<demand_proof>().and::<limit_guests>()
}

/// Asks for a challenge, as every visitor does first.
async fn challenge(kit: &TestKit) -> String {
    let reply = kit.anonymous().reply(LoginAsGuest::default()).await;
    let error = reply.outcome.unwrap_err();
    assert_eq!(
        (20_100, Some(428)),
        (error.code().number(), error.chosen_status())
    );
    let headers = reply.response.headers.iter();
    let mut challenges = headers.filter(|(name, _)| name == "x-guest-challenge");
    challenges.next().unwrap().1.clone()
}

async fn come_in_with(kit: &TestKit, proof: &str) -> Outcome<LoginAsGuest> {
    let visitor = kit.anonymous().with_header("x-guest-proof", proof);
    visitor.submit(LoginAsGuest::default()).await
}

#[track_caller]
fn turned_away(why: &str, outcome: Outcome<LoginAsGuest>) {
    let error = outcome.unwrap_err();
    assert_eq!(20_100, error.code().number());
    assert!(error.message().starts_with(why), "{error}");
    assert!(
        error.message().contains("SHA-256"),
        "it says what to do: {error}"
    );
}

#[tokio::test]
async fn who_did_the_work_comes_in_once() {
    let kit = app().start().await;
    let proof = Proof::solve(&challenge(&kit).await).unwrap().text();
    let guest = come_in_with(&kit, &proof).await.unwrap().user;
    assert!(guest.is_guest());
    turned_away(
        "the proof in 'x-guest-proof' has let somebody in",
        come_in_with(&kit, &proof).await,
    );
}

#[tokio::test]
async fn without_a_proof_there_is_no_guest() {
    let kit = app().start().await;
    let challenge = challenge(&kit).await;
    for none in ["", "x", ".", &challenge, &format!("{challenge}.0"), "1.2.3"] {
        turned_away(
            "the proof in 'x-guest-proof' is none",
            come_in_with(&kit, none).await,
        );
    }
    let everybody = Count::new("Users", Query::new());
    assert_eq!(0, kit.code_runner().submit(everybody).await.unwrap());
}

#[tokio::test]
async fn a_second_spelling_is_no_second_proof() {
    let kit = app().start().await;
    let proof = Proof::solve(&challenge(&kit).await).unwrap().text();
    let (asked, number) = proof.split_once('.').unwrap();
    for spelling in [format!("+{proof}"), format!("{asked}.0{number}")] {
        turned_away(
            "the proof in 'x-guest-proof' is none",
            come_in_with(&kit, &spelling).await,
        );
    }
}

#[tokio::test]
async fn a_proof_grows_old_and_nobody_works_ahead() {
    let kit = app().start().await;
    let challenge = challenge(&kit).await;
    let later = challenge.parse::<i64>().unwrap() + 60_000;
    let ahead = Proof::solve(&later.to_string()).unwrap().text();
    turned_away(
        "the proof in 'x-guest-proof' is too old",
        come_in_with(&kit, &ahead).await,
    );
    let proof = Proof::solve(&challenge).unwrap().text();
    kit.advance(Duration::from_secs(120)).await;
    turned_away(
        "the proof in 'x-guest-proof' is too old",
        come_in_with(&kit, &proof).await,
    );
}

#[tokio::test]
async fn server_code_needs_none() {
    let kit = app().start().await;
    let login = kit.code_runner().submit(LoginAsGuest::default()).await;
    assert!(login.unwrap().user.is_guest());
}

#[tokio::test]
async fn who_comes_too_often_is_not_asked_for_a_proof() {
    let config = HandlerConfig {
        order: [("guest_proof::demand_proof".to_owned(), -1000)].into(),
        ..HandlerConfig::default()
    };
    // Not even where somebody gave it a number that says otherwise.
    let kit = app()
        .handler_config(config)
        .setting("guests.perAddressPerMinute", 1)
        .start()
        .await;
    let visitor = kit.anonymous().from("192.0.2.7");
    for code in [20_100, 999] {
        let refusal = visitor.submit(LoginAsGuest::default()).await.unwrap_err();
        assert_eq!(code, refusal.code().number());
    }
    kit.expect_calls([
        ("guest_limits::limit_guests", 2),
        ("guest_proof::demand_proof", 1),
    ]);
}
