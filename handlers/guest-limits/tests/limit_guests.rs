//! `limit_guests` as a guest meets it.

use std::time::Duration;

use guest_limits::limit_guests;
use vestibule::prelude::*;
use vestibule_testkit::TestKit;

const PATH: &str = "guest_limits::limit_guests";

#[tokio::test]
async fn the_guest_who_is_one_too_many_is_told_how_long_to_wait() {
    let kit = TestKit::with::<limit_guests>()
        .setting("guests.perAddressPerMinute", 2)
        .start()
        .await;
    let visitor = kit.anonymous().from("192.0.2.7");
    for _ in 0..2 {
        visitor.submit(LoginAsGuest::default()).await.unwrap();
    }
    let error = visitor.submit(LoginAsGuest::default()).await.unwrap_err();
    assert_eq!(
        (999, Some(429)),
        (error.code().number(), error.chosen_status())
    );
    assert_eq!(Some(Duration::from_secs(30)), error.wait());

    let neighbour = kit.anonymous().from("192.0.2.8");
    assert!(
        neighbour.submit(LoginAsGuest::default()).await.is_err(),
        "one quota for all"
    );
    let stranger = kit.anonymous().from("198.51.100.1");
    stranger.submit(LoginAsGuest::default()).await.unwrap();

    kit.advance(Duration::from_secs(30)).await;
    visitor.submit(LoginAsGuest::default()).await.unwrap();
    kit.expect_calls([(PATH, 6)]);
    kit.expect_no_other_calls();
}

#[tokio::test]
async fn the_setting_counts_at_once_and_zero_is_no_limit() {
    let kit = TestKit::with::<limit_guests>()
        .setting("guests.perAddressPerMinute", 1)
        .start()
        .await;
    let visitor = kit.anonymous().from("192.0.2.7");
    visitor.submit(LoginAsGuest::default()).await.unwrap();
    assert!(visitor.submit(LoginAsGuest::default()).await.is_err());
    kit.set("guests.perAddressPerMinute", 0).await;
    for _ in 0..10 {
        visitor.submit(LoginAsGuest::default()).await.unwrap();
    }
}

#[tokio::test]
async fn server_code_is_not_limited() {
    let kit = TestKit::with::<limit_guests>()
        .setting("guests.perAddressPerMinute", 1)
        .start()
        .await;
    let server = kit.code_runner().from("192.0.2.7");
    for _ in 0..3 {
        server.submit(LoginAsGuest::default()).await.unwrap();
    }
}
