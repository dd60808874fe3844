//! Mails, links and secrets of server code.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;
use vestibule_model::Clock;
use vestibule_testkit::TestKit;

use crate::waiting::{until, while_seconds_pass, while_time_passes};

/// Sends a mail that its caller writes.
#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "write", access = anyone)]
struct Write {
    to: String,
    subject: String,
    text: String,
}

#[answer(collect = false, timeout = "1m")]
async fn write(event: Write, ctx: &Context) -> Result<()> {
    let Write { to, subject, text } = event;
    ctx.cloud().send_mail(Mail { to, subject, text }).await
}

fn to(address: &str) -> Write {
    Write {
        to: address.to_owned(),
        subject: "Hello".to_owned(),
        text: "Your order is on its way.\n".to_owned(),
    }
}

fn ann() -> Write {
    to("ann@example.com")
}

async fn send(kit: &TestKit, mail: Write) -> Result<()> {
    kit.anonymous().submit(mail).await
}

/// That this is refused as impossible, and nothing was sent.
async fn refused(kit: &TestKit, mail: Write, words: &str) {
    let shown = format!("{mail:?}");
    let error = send(kit, mail).await.expect_err(&shown);
    assert_eq!(8008, error.code().number(), "{shown}");
    assert!(error.message().contains(words), "{shown}: {error}");
    assert!(kit.mails().await.is_empty(), "{shown}");
}

#[tokio::test]
async fn server_code_sends_a_mail() {
    let kit = TestKit::with::<write>().start().await;
    send(&kit, ann()).await.unwrap();
    let [mail] = &*kit.mails().await else {
        panic!("one mail was sent");
    };
    assert_eq!(
        ("ann@example.com", "Hello", "Your order is on its way.\n"),
        (&*mail.to, &*mail.subject, &*mail.text)
    );
}

#[tokio::test]
async fn a_server_on_which_mail_is_not_configured_says_so() {
    let kit = TestKit::with::<write>().without_mail().start().await;
    let error = send(&kit, ann()).await.unwrap_err();
    assert_eq!(ErrorCode::MailNotConfigured, error.code());
    // What is wrong with the server comes before what is wrong with the mail.
    let error = send(&kit, to("nobody")).await.unwrap_err();
    assert_eq!(ErrorCode::MailNotConfigured, error.code());
}

#[tokio::test]
async fn what_is_not_one_address_is_refused() {
    let kit = TestKit::with::<write>().start().await;
    for address in [
        "",
        "ann",
        "ann@",
        "Ann <ann@example.com>",
        "ann@example.com, bob@example.com",
        "ann@example.com;bob@example.com",
        "ann@example.com\r\nBcc: bob@example.com",
        "ann@example.com\n",
        " ann@example.com",
        "\"a\r\nBcc: b\"@example.com",
        "ann@example.com\0",
    ] {
        refused(&kit, to(address), "one address alone").await;
    }
}

#[tokio::test]
async fn a_subject_that_would_break_the_mail_apart_is_refused() {
    let kit = TestKit::with::<write>().start().await;
    for subject in [
        "Hello\r\nBcc: bob@example.com",
        "Hello\nBcc: bob@example.com",
        "Hello\r",
        "Hello\0",
        "Hello\u{85}there",
        &"x".repeat(999),
    ] {
        let subject = subject.to_owned();
        refused(&kit, Write { subject, ..ann() }, "one line").await;
    }
    let text = "x".repeat(1_000_001);
    refused(&kit, Write { text, ..ann() }, "1000000 bytes").await;
}

#[tokio::test]
async fn a_mail_that_is_not_taken_is_an_error_that_can_be_tried_again() {
    let kit = TestKit::with::<write>().start().await;
    kit.break_mail(true);
    let error = send(&kit, ann()).await.unwrap_err();
    assert_eq!(
        (Some(503), Some(Duration::from_secs(60))),
        (error.chosen_status(), error.wait())
    );
    assert!(error.log().contains("a mail was not sent"), "{error:?}");
    assert!(!error.log().contains("order"), "{error:?}");
    kit.break_mail(false);
    send(&kit, ann()).await.unwrap();
    assert_eq!(1, kit.mails().await.len());
}

#[tokio::test]
async fn a_mailer_that_hangs_is_given_up_after_twenty_seconds() {
    let kit = TestKit::with::<write>().start().await;
    kit.stall_mail(true);
    let began = kit.clock().monotonic();
    let error = while_time_passes(&kit, send(&kit, ann())).await;
    let error = error.unwrap_err();
    assert_eq!(Some(503), error.chosen_status());
    assert!(error.log().contains("20 seconds"), "{error:?}");
    let waited = kit.clock().monotonic().since(began);
    let limit = Duration::from_secs(20)..Duration::from_secs(60);
    assert!(limit.contains(&waited), "{waited:?}");
}

/// An event whose handler is stopped long before a mailer that hangs is given up.
#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "hurry", access = anyone)]
struct Hurry {}

#[answer(collect = false, timeout = "1s")]
async fn hurry(_event: Hurry, ctx: &Context) -> Result<()> {
    let Write { to, subject, text } = ann();
    ctx.cloud().send_mail(Mail { to, subject, text }).await
}

#[tokio::test]
async fn a_shutdown_waits_for_the_mail_of_a_handler_that_was_stopped_and_not_forever() {
    let kit = TestKit::with::<hurry>().start().await;
    kit.stall_mail(true);
    let stopped = while_time_passes(&kit, kit.anonymous().submit(Hurry {})).await;
    assert_eq!(ErrorCode::HandlerTerminated, stopped.unwrap_err().code());
    until("the mail is stuck", || kit.stalled_mails() == 1).await;
    let began = kit.clock().monotonic();
    while_seconds_pass(&kit, kit.engine().shut_down()).await;
    assert!(kit.clock().monotonic().since(began) >= Duration::from_secs(15));
    let after = kit.anonymous().submit(Hurry {}).await.unwrap_err();
    assert_eq!(Some(503), after.chosen_status());
}

/// Tells what a handler may need to know before it promises a mail.
#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "prospects", output = (bool, String, String), access = anyone)]
struct Prospects {}

#[answer(collect = false)]
async fn prospects(_event: Prospects, ctx: &Context) -> Result<(bool, String, String)> {
    let token = ctx.random_token();
    assert_eq!("***", format!("{token:?}"));
    let url = ctx.public_url().to_owned();
    Ok((ctx.cloud().can_mail(), url, token.reveal().clone()))
}

#[tokio::test]
async fn a_handler_knows_whether_it_can_mail_and_where_links_lead() {
    let kit = TestKit::with::<prospects>().start().await;
    let (can_mail, url, _) = kit.anonymous().submit(Prospects {}).await.unwrap();
    assert_eq!((true, "http://localhost:9000"), (can_mail, &*url));
    let kit = TestKit::with::<prospects>().without_mail().start().await;
    let (can_mail, ..) = kit.anonymous().submit(Prospects {}).await.unwrap();
    assert!(!can_mail);
}

#[tokio::test]
async fn random_tokens_are_long_safe_in_urls_and_repeat_with_the_seed_only() {
    let tokens = async |seed| {
        let kit = TestKit::with::<prospects>().seed(seed).start().await;
        let mut tokens = Vec::new();
        for _ in 0..3 {
            let (.., token) = kit.anonymous().submit(Prospects {}).await.unwrap();
            assert_eq!(43, token.len());
            let safe = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            assert!(token.chars().all(safe), "{token}");
            tokens.push(token);
        }
        tokens
    };
    let (one, same, other) = (tokens(1).await, tokens(1).await, tokens(2).await);
    assert_eq!(one, same);
    assert!(one[0] != one[1] && one[1] != one[2] && one[0] != other[0]);
}
