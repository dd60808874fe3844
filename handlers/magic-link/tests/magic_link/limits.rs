//! How many links strangers may ask for.

use std::time::Duration;

use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_testkit::TestKit;

use crate::app::{
    ANN, LINK_LIVES, MINUTE, PAUSE, app, call, is_dead, link_in, mails_to, redeem, send, stored,
    token_for,
};

#[tokio::test]
async fn a_neighbourhood_asks_twenty_times_a_minute_and_is_told_how_long_to_wait() {
    let kit = app().await;
    let neighbours = ["2001:db8:0:1100::1", "2001:db8:0:11ff::2"].map(|a| kit.anonymous().from(a));
    for number in 0..20_usize {
        let email = format!("user{number}@example.com");
        let answer = call(&neighbours[number % 2], "send", json!({ "email": email }));
        assert_eq!(Ok(Json::Null), answer.await);
    }
    for email in [ANN, "nobody@example.com"] {
        let answer = call(&neighbours[0], "send", json!({ "email": email })).await;
        let refused = answer.unwrap_err();
        assert_eq!(
            (999, Some(429), Some(MINUTE)),
            (
                refused.code().number(),
                refused.chosen_status(),
                refused.wait()
            )
        );
    }
    let stranger = kit.anonymous().from("192.0.2.7");
    call(&stranger, "send", json!({ "email": ANN }))
        .await
        .unwrap();
    kit.advance(MINUTE).await;
    let again = call(&neighbours[0], "send", json!({ "email": ANN }));
    again.await.unwrap();
    kit.settled().await;
}

#[tokio::test]
async fn server_code_asks_as_often_as_it_likes() {
    let kit = app().await;
    let server = kit.code_runner().from("192.0.2.7");
    for number in 0..30 {
        let email = format!("user{number}@example.com");
        call(&server, "send", json!({ "email": email }))
            .await
            .unwrap();
    }
    kit.settled().await;
}

#[tokio::test]
async fn whoever_asks_again_within_five_minutes_hears_nothing_and_keeps_the_link() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    kit.advance(PAUSE - Duration::from_millis(1)).await;
    assert_eq!(Ok(Json::Null), send(&kit, ANN).await);
    assert_eq!(1, mails_to(&kit, ANN).await.len());
    redeem(&kit, &token).await.unwrap();
}

#[tokio::test]
async fn however_many_ask_at_once_there_is_one_mail() {
    let kit = app().await;
    let ask = async || {
        let anybody = kit.anonymous();
        call(&anybody, "send", json!({ "email": ANN })).await
    };
    let asked = tokio::join!(ask(), ask(), ask(), ask());
    let null = || Ok(Json::Null);
    assert_eq!((null(), null(), null(), null()), asked);
    kit.settled().await;
    assert_eq!(1, mails_to(&kit, ANN).await.len());
}

#[tokio::test]
async fn a_stranger_who_never_gives_up_cannot_keep_a_user_out() {
    let kit = app().await;
    let mut longest = 0;
    for _ in 0..60 {
        // The stranger asks every half a minute, and so does the user.
        for _ in 0..2 {
            send(&kit, ANN).await.unwrap();
            kit.advance(MINUTE / 2).await;
        }
        let mails = mails_to(&kit, ANN).await;
        longest = longest.max(mails.len());
        let (_, token) = link_in(mails.last().unwrap()).split_once('#').unwrap();
        assert!(is_stored(&kit, token).await, "the newest link works");
    }
    assert!(longest <= 12, "{longest} mails in an hour");
}

/// Whether a link works, without using it up: the rows of the table are counted by their hash.
async fn is_stored(kit: &TestKit, token: &str) -> bool {
    use sha2::{Digest, Sha256};
    let hash: String = Sha256::digest(token)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let now = kit.engine().now().as_millis();
    let works = format!("hash = {} and expires > {now}", quoted(&hash));
    let count = Count::new("MagicLink", Query::matching(works));
    kit.code_runner().submit(count).await.unwrap() == 1
}

#[tokio::test]
async fn whoever_opened_a_link_gets_another_one_at_once() {
    let kit = app().await;
    for _ in 0..5 {
        let token = token_for(&kit, ANN).await;
        redeem(&kit, &token).await.unwrap();
    }
}

#[tokio::test]
async fn a_mail_that_was_not_taken_does_not_count_and_is_told_to_no_stranger() {
    let kit = app().await;
    kit.break_mail(true);
    for _ in 0..5 {
        assert_eq!(Ok(Json::Null), send(&kit, ANN).await);
        assert_eq!(0, stored(&kit).await);
    }
    kit.break_mail(false);
    let token = token_for(&kit, ANN).await;
    redeem(&kit, &token).await.unwrap();
}

#[tokio::test]
async fn a_link_whose_mail_was_not_taken_ends_the_one_before_all_the_same() {
    let kit = app().await;
    let token = token_for(&kit, ANN).await;
    kit.advance(PAUSE).await;
    kit.break_mail(true);
    send(&kit, ANN).await.unwrap();
    is_dead(&redeem(&kit, &token).await);
}

#[tokio::test]
async fn without_mail_every_call_is_refused_alike_at_once() {
    let kit = TestKit::all().without_mail().start().await;
    kit.register(ANN).await;
    for email in [ANN, "nobody@example.com"] {
        let refused = send(&kit, email).await.unwrap_err();
        assert_eq!(ErrorCode::MailNotConfigured, refused.code());
    }
    // The timer says so too, and does its work.
    kit.advance(LINK_LIVES).await;
}
