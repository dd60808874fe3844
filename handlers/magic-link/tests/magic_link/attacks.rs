//! What somebody might try who wants to be Ann, or to keep her out.

use serde_json::json;
use vestibule::prelude::*;
use vestibule_testkit::TestKit;

use crate::app::{ANN, PAUSE, ann, app, call, is_dead, redeem, send, stored, token_for};

#[tokio::test]
async fn an_address_that_looks_like_a_users_gets_no_link_and_costs_the_user_none() {
    let kit = TestKit::all().start().await;
    kit.register("kate@example.com").await;
    // U+212A is another letter than k, and k is its small one.
    for _ in 0..3 {
        send(&kit, "\u{212A}ate@example.com").await.unwrap();
    }
    assert!(kit.mails().await.is_empty());
    token_for(&kit, "kate@example.com").await;
}

#[tokio::test]
async fn a_link_that_a_guest_asked_for_neither_goes_with_the_guest_nor_keeps_it() {
    for owned_rows in ["leave", "cascade", "keep-guest"] {
        let kit = TestKit::all().setting("guests.ownedRows", owned_rows);
        let kit = kit.start().await;
        kit.register(ANN).await;
        let guest = kit.guest().await;
        for email in [ANN, "nobody@example.com"] {
            let sent = call(&guest, "send", json!({ "email": email })).await;
            sent.unwrap();
        }
        kit.settled().await;
        guest.submit(Logout::default()).await.unwrap();
        let swept = kit.engine().sweep_guests().await.unwrap();
        assert_eq!(vec![guest.id().clone()], swept.purged, "{owned_rows}");
        assert_eq!(2, stored(&kit).await, "{owned_rows}");
    }
}

#[tokio::test]
async fn who_takes_the_address_of_somebody_who_is_gone_gets_no_link_of_theirs() {
    let kit = app().await;
    let old = token_for(&kit, ANN).await;
    let removal = RemoveUser::new(ann(&kit).await);
    kit.code_runner().submit(removal).await.unwrap();
    kit.register(ANN).await;
    kit.advance(PAUSE).await;
    let new = token_for(&kit, ANN).await;
    is_dead(&redeem(&kit, &old).await);
    let login = redeem(&kit, &new).await.unwrap();
    assert_eq!(ann(&kit).await.as_str(), login["objectId"]);
}

#[tokio::test]
async fn an_address_that_goes_from_account_to_account_gets_no_more_mails_for_it() {
    let kit = TestKit::all().start().await;
    let accounts = [
        ("m1@example.com", "victim@example.com"),
        ("m2@example.com", "VICTIM@example.com"),
        ("m3@example.com", "Victim@Example.com"),
    ];
    for (own, victim) in accounts {
        let mallory = kit.user(own).await;
        for email in [victim, own] {
            let change = record! { "email" => email };
            let change = UpdateUser::new(mallory.id().clone(), change);
            mallory.submit(change).await.unwrap();
            send(&kit, victim).await.unwrap();
        }
    }
    assert_eq!(1, kit.mails().await.len());
}

#[tokio::test]
async fn whoever_has_a_new_address_gets_a_link_there_at_once() {
    let kit = app().await;
    let old = token_for(&kit, ANN).await;
    let change = record! { "email" => "ann@new.example.com" };
    let change = UpdateUser::new(ann(&kit).await, change);
    kit.code_runner().submit(change).await.unwrap();
    let new = token_for(&kit, "ann@new.example.com").await;
    is_dead(&redeem(&kit, &old).await);
    redeem(&kit, &new).await.unwrap();
}
