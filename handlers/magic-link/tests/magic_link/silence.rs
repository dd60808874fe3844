//! What strangers hear: the same of every address.

use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_testkit::TestKit;

use crate::app::{ANN, LINK_LIVES, app, call, mails_to, send, stored};

#[tokio::test]
async fn an_address_that_nobody_has_is_answered_alike_and_gets_no_mail() {
    let kit = app().await;
    let stranger = kit.anonymous();
    for email in ["nobody@example.com", ANN] {
        let reply = call(&stranger, "send", json!({ "email": email })).await;
        assert_eq!(Ok(Json::Null), reply);
    }
    kit.settled().await;
    let mails = kit.mails().await;
    assert_eq!(1, mails.len());
    assert_eq!(ANN, mails[0].to);
}

#[tokio::test]
async fn an_address_that_nobody_has_costs_the_same_write() {
    for email in [ANN, "nobody@example.com"] {
        let kit = app().await;
        send(&kit, email).await.unwrap();
        assert_eq!(1, stored(&kit).await, "{email}");
    }
    // A flood of them takes no more room.
    let kit = app().await;
    for number in 0..10 {
        let nobody = format!("nobody{number}@example.com");
        send(&kit, &nobody).await.unwrap();
    }
    assert_eq!(1, stored(&kit).await);
}

#[tokio::test]
async fn the_answer_does_not_wait_for_the_mail() {
    let kit = app().await;
    kit.stall_mail(true);
    let stranger = kit.anonymous();
    let answer = call(&stranger, "send", json!({ "email": ANN })).await;
    assert_eq!(Ok(Json::Null), answer);
    while kit.stalled_mails() == 0 {
        tokio::task::yield_now().await;
    }
    // It is given up in the end.
    tokio::join!(kit.settled(), kit.advance(2 * LINK_LIVES));
    assert!(kit.mails().await.is_empty());
}

#[tokio::test]
async fn guests_and_whoever_has_yet_to_confirm_the_address_get_no_link() {
    let kit = TestKit::all()
        .setting("registration.emailConfirmationRequired", true)
        .start()
        .await;
    kit.register(ANN).await;
    send(&kit, ANN).await.unwrap();
    assert!(mails_to(&kit, ANN).await.is_empty());
}

#[tokio::test]
async fn what_is_no_address_is_told_whoever_asks() {
    let kit = app().await;
    let long = format!("{}@example.com", "x".repeat(250));
    let two_lines = "ann@example.com\r\nBcc: bob@example.com";
    for email in [
        "",
        " ",
        "ann",
        "@",
        "ann@",
        "@example.com",
        "a b@example.com",
        two_lines,
        &long,
    ] {
        let refused = send(&kit, email).await.unwrap_err();
        assert_eq!(ErrorCode::InvalidParameter, refused.code(), "{email:?}");
    }
    for arguments in [json!({}), json!({ "email": null }), json!({ "mail": ANN })] {
        let refused = call(&kit.anonymous(), "send", arguments).await.unwrap_err();
        assert_eq!(14_009, refused.code().number());
    }
    assert!(kit.mails().await.is_empty());
}

#[tokio::test]
async fn a_clause_in_an_address_finds_nobody() {
    let kit = app().await;
    for email in [
        "x'or(email)like'%@example.com",
        "%@example.com",
        "a''@example.com",
    ] {
        assert_eq!(Ok(Json::Null), send(&kit, email).await);
    }
    assert!(kit.mails().await.is_empty());
}
