//! `limit_guests` as a guest meets it.

use std::time::Duration;

use guest_limits::{PrefixLengths, limit_guests};
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

#[tokio::test]
async fn the_whole_of_an_ipv6_customer_shares_one_quota() {
    let kit = TestKit::with::<limit_guests>()
        .setting("guests.perAddressPerMinute", 3)
        .start()
        .await;
    let mut turned_away = 0;
    for home in 0..200_u32 {
        // 200 addresses in different /64 of one /56.
        let address = format!("2001:db8:0:11{home:02x}::{home:x}");
        let guest = kit.anonymous().from(&address);
        turned_away += u32::from(guest.submit(LoginAsGuest::default()).await.is_err());
    }
    assert_eq!(197, turned_away);
    let next_door = kit.anonymous().from("2001:db8:0:1200::1");
    next_door.submit(LoginAsGuest::default()).await.unwrap();
}

#[tokio::test]
async fn the_prefixes_can_be_longer() {
    let kit = TestKit::with::<limit_guests>()
        .setting("guests.perAddressPerMinute", 1)
        .start()
        .await;
    kit.state::<PrefixLengths>().set(32, 64);
    for address in ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1"] {
        let guest = kit.anonymous().from(address);
        guest.submit(LoginAsGuest::default()).await.unwrap();
        assert!(guest.submit(LoginAsGuest::default()).await.is_err());
    }
}
