//! Restoring a password by a mailed link: who gets one, when it works, and what it does.

use std::time::Duration;

use vestibule::prelude::*;
use vestibule_model::{Clock, LinkPurpose, OneTimeLink, Profile, Selector};
use vestibule_testkit::{TestKit, TestKitBuilder};

use crate::{
    accounts::disable,
    mails::{last_mail, link, secret},
    waiting::while_time_passes,
};

const ANN: &str = "ann@example.com";

async fn kit_with_ann(kit: TestKitBuilder) -> TestKit {
    let kit = kit.start().await;
    kit.register(ANN).await;
    kit
}

async fn ask(kit: &TestKit, identity: &str) -> Result<()> {
    kit.anonymous().submit(RestorePassword::new(identity)).await
}

async fn refused(kit: &TestKit, identity: &str) -> i32 {
    ask(kit, identity).await.unwrap_err().code().number()
}

/// Asks for a mail and takes the secret out of it.
async fn mailed(kit: &TestKit) -> String {
    ask(kit, ANN).await.unwrap();
    secret(&last_mail(kit).await).to_owned()
}

async fn set(kit: &TestKit, link: &str, password: &str) -> Result<()> {
    let event = SetPasswordByLink::new(link, Some(Password::new(password)));
    kit.anonymous().submit(event).await
}

/// That a link works no more, and whether the page thinks so too.
async fn expect_dead(kit: &TestKit, link: &str) {
    let purpose = LinkPurpose::RestorePassword;
    assert!(!kit.engine().link_works(purpose, link).await.unwrap());
    let error = set(kit, link, "another").await.unwrap_err();
    assert_eq!(
        (3025, Some(410)),
        (error.code().number(), error.chosen_status())
    );
}

async fn logs_in(kit: &TestKit, password: &str) -> bool {
    let login = Login::new(ANN, password);
    kit.anonymous().submit(login).await.is_ok()
}

async fn stored_link(kit: &TestKit, id: &ObjectId) -> Option<OneTimeLink> {
    let storage = kit.storage();
    let link = storage.one_time_link_of(id, LinkPurpose::RestorePassword);
    link.await.unwrap()
}

#[tokio::test]
async fn a_mailed_link_sets_a_new_password_once_and_ends_all_sessions() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let ann = kit.log_in(ANN).await;
    let secret = mailed(&kit).await;
    let works = kit
        .engine()
        .link_works(LinkPurpose::RestorePassword, &secret);
    assert!(works.await.unwrap());
    set(&kit, &secret, "a new one").await.unwrap();
    assert!(!ann.is_alive().await);
    assert!(!logs_in(&kit, "secret").await);
    assert!(logs_in(&kit, "a new one").await);
    expect_dead(&kit, &secret).await;
}

#[tokio::test]
async fn the_mail_says_who_asked_for_what_and_nothing_that_a_user_wrote() {
    let kit = TestKit::bare().start().await;
    let mut ann = Register::with(ANN, "secret");
    ann.properties
        .insert("name".to_owned(), "http://evil.example".into());
    kit.anonymous().submit(ann).await.unwrap();
    ask(&kit, ANN).await.unwrap();
    let mail = last_mail(&kit).await;
    assert_eq!((ANN, "Set a new password"), (&*mail.to, &*mail.subject));
    let page = "http://localhost:9000/account/restore-password/";
    assert!(link(&mail).starts_with(page), "{}", mail.text);
    assert!(mail.text.contains(ANN) && !mail.text.contains("evil"));
}

#[tokio::test]
async fn only_the_hash_of_the_secret_is_stored() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let ann = kit.log_in(ANN).await;
    let secret = mailed(&kit).await;
    let stored = stored_link(&kit, ann.id()).await.unwrap();
    let verifier = secret.split_once('.').unwrap().1;
    assert!(!format!("{stored:?}").contains(verifier));
    assert!(!format!("{:?}", SetPasswordByLink::new(&secret, None)).contains(verifier));
}

#[tokio::test]
async fn a_link_works_for_an_hour() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let secret = mailed(&kit).await;
    kit.clock().advance(Duration::from_secs(3600));
    let works = kit
        .engine()
        .link_works(LinkPurpose::RestorePassword, &secret);
    assert!(works.await.unwrap());
    kit.clock().advance(Duration::from_millis(1));
    expect_dead(&kit, &secret).await;
    assert!(logs_in(&kit, "secret").await);
}

#[tokio::test]
async fn what_is_no_link_is_dead_whatever_it_looks_like() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let secret = mailed(&kit).await;
    let (selector, verifier) = secret.split_once('.').unwrap();
    let unknown = Selector::from_bytes([7; 16]);
    assert!(
        kit.storage()
            .one_time_link(&unknown)
            .await
            .unwrap()
            .is_none()
    );
    let forged = format!("{selector}.{}", "A".repeat(verifier.len()));
    for no_link in ["", ".", selector, &forged, "../../etc/passwd", "null"] {
        expect_dead(&kit, no_link).await;
    }
    set(&kit, &secret, "a new one").await.unwrap();
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_wins() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let secret = mailed(&kit).await;
    let (one, other) = tokio::join!(set(&kit, &secret, "one"), set(&kit, &secret, "other"));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let winner = if one.is_ok() { "one" } else { "other" };
    assert!(logs_in(&kit, winner).await);
}

#[tokio::test]
async fn the_newest_link_replaces_the_earlier_one() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let earlier = mailed(&kit).await;
    kit.clock().advance(Duration::from_secs(60));
    let newest = mailed(&kit).await;
    expect_dead(&kit, &earlier).await;
    set(&kit, &newest, "a new one").await.unwrap();
}

#[tokio::test]
async fn there_is_one_mail_per_address_and_minute() {
    let kit = kit_with_ann(TestKit::bare()).await;
    kit.register("bob@example.com").await;
    ask(&kit, ANN).await.unwrap();
    kit.clock().advance(Duration::from_secs(20));
    let error = ask(&kit, ANN).await.unwrap_err();
    assert_eq!(999, error.code().number());
    assert_eq!(Some(Duration::from_secs(40)), error.wait());
    ask(&kit, "bob@example.com").await.unwrap();
    kit.clock().advance(Duration::from_secs(40));
    ask(&kit, ANN).await.unwrap();
    assert_eq!(3, kit.mails().await.len());
}

#[tokio::test]
async fn there_are_five_mails_an_hour_and_the_last_link_works_until_there_is_another() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let mut newest = String::new();
    for _ in 0..5 {
        newest = mailed(&kit).await;
        kit.clock().advance(Duration::from_secs(60));
    }
    kit.clock().advance(Duration::from_secs(54 * 60 + 59));
    let error = ask(&kit, ANN).await.unwrap_err();
    assert_eq!(
        (999, Some(Duration::from_secs(1))),
        (error.code().number(), error.wait())
    );
    set(&kit, &newest, "a new one").await.unwrap();
    kit.clock().advance(Duration::from_secs(1));
    ask(&kit, ANN).await.unwrap();
}

#[tokio::test]
async fn without_a_mailer_it_is_5050_for_everybody() {
    let kit = kit_with_ann(TestKit::bare().without_mail()).await;
    assert_eq!(5050, refused(&kit, ANN).await);
    assert_eq!(5050, refused(&kit, "nobody@example.com").await);
}

#[tokio::test]
async fn nobody_and_a_guest_are_3020_and_a_disabled_user_3090() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let ann = kit.log_in(ANN).await;
    let guest = kit.guest().await;
    for nobody in [
        "nobody@example.com",
        "",
        guest.id().as_str(),
        ann.id().as_str(),
    ] {
        assert_eq!(3020, refused(&kit, nobody).await, "{nobody:?}");
    }
    disable(&kit, ann.id()).await;
    assert_eq!(3090, refused(&kit, ANN).await);
    assert!(kit.mails().await.is_empty());
}

#[tokio::test]
async fn a_mail_that_fails_leaves_no_link_and_may_be_asked_for_again() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let ann = kit.log_in(ANN).await;
    kit.break_mail(true);
    let error = ask(&kit, ANN).await.unwrap_err();
    assert_eq!(
        (3025, Some(503)),
        (error.code().number(), error.chosen_status())
    );
    assert_eq!(None, stored_link(&kit, ann.id()).await);
    kit.break_mail(false);
    assert_eq!(999, refused(&kit, ANN).await, "a minute, as it said");
    kit.clock().advance(Duration::from_secs(60));
    let secret = mailed(&kit).await;
    set(&kit, &secret, "a new one").await.unwrap();
}

#[tokio::test]
async fn a_link_dies_with_the_address_the_password_and_the_status_it_was_made_for() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let ann = kit.log_in(ANN).await;
    let update = async |properties| {
        let event = UpdateUser::new(ann.id().clone(), properties);
        ann.submit(event).await.unwrap();
    };
    let first = mailed(&kit).await;
    update(record! { "email" => "new@example.com" }).await;
    expect_dead(&kit, &first).await;
    update(record! { "email" => ANN }).await;

    kit.clock().advance(Duration::from_secs(60));
    let second = mailed(&kit).await;
    update(record! { "password" => "chosen meanwhile" }).await;
    expect_dead(&kit, &second).await;

    kit.clock().advance(Duration::from_secs(60));
    let third = mailed(&kit).await;
    disable(&kit, ann.id()).await;
    let error = set(&kit, &third, "another").await.unwrap_err();
    assert_eq!(3090, error.code().number());
    assert!(!logs_in(&kit, "another").await);
}

#[tokio::test]
async fn a_link_goes_with_its_user() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let ann = kit.log_in(ANN).await;
    let secret = mailed(&kit).await;
    ann.submit(RemoveUser::new(ann.id().clone())).await.unwrap();
    expect_dead(&kit, &secret).await;
    assert_eq!(None, stored_link(&kit, ann.id()).await);
}

#[tokio::test]
async fn the_new_password_obeys_the_rules_of_a_registration_and_a_refusal_spares_the_link() {
    let kit = kit_with_ann(TestKit::bare()).await;
    let secret = mailed(&kit).await;
    let long = "x".repeat(1025);
    let number = Password::from_value(Value::from(7));
    for (code, password) in [
        (3011, None),
        (3011, Some(Password::new(""))),
        (3050, Some(number)),
        (8000, Some(Password::new(long))),
    ] {
        let event = SetPasswordByLink::new(&secret, password);
        let error = kit.anonymous().submit(event).await.unwrap_err();
        assert_eq!(code, error.code().number());
    }
    set(&kit, &secret, "a new one").await.unwrap();
}

#[tokio::test]
async fn a_new_password_opens_an_account_that_failed_logins_have_locked() {
    let kit = kit_with_ann(TestKit::bare().setting("login.lockAfterFailedLogins", 2)).await;
    for _ in 0..2 {
        assert!(!logs_in(&kit, "wrong").await);
    }
    assert!(!logs_in(&kit, "secret").await);
    let secret = mailed(&kit).await;
    set(&kit, &secret, "a new one").await.unwrap();
    assert!(logs_in(&kit, "a new one").await);
}

#[tokio::test]
async fn both_profiles_let_anybody_ask() {
    for profile in [Profile::Strict, Profile::Backendless] {
        let kit = kit_with_ann(TestKit::bare().profile(profile)).await;
        ask(&kit, ANN).await.unwrap();
        kit.clock().advance(Duration::from_secs(60));
        let guest = kit.guest().await;
        guest.submit(RestorePassword::new(ANN)).await.unwrap();
    }
}

#[tokio::test]
async fn a_mailer_that_hangs_is_given_up() {
    let kit = kit_with_ann(TestKit::bare()).await;
    kit.stall_mail(true);
    let began = kit.clock().monotonic();
    let error = while_time_passes(&kit, ask(&kit, ANN)).await.unwrap_err();
    assert_eq!(3025, error.code().number());
    assert!(error.log().contains("20 seconds"), "{}", error.log());
    assert!(kit.clock().monotonic().since(began) >= Duration::from_secs(20));
}

/// Refuses passwords without a digit.
#[before(collect = false)]
async fn want_a_digit(
    event: &mut SetPasswordByLink,
    _ctx: &Context,
) -> Result<Flow<SetPasswordByLink>> {
    let text = event.password.as_ref().and_then(Password::text);
    if text.is_some_and(|text| text.contains(|c: char| c.is_ascii_digit())) {
        return Ok(Flow::Continue);
    }
    Err(Error::refused(4242).saying("a password needs a digit"))
}

#[tokio::test]
async fn a_handler_can_refuse_a_weak_password_and_the_link_lives_on() {
    let kit = kit_with_ann(TestKit::with::<want_a_digit>()).await;
    let secret = mailed(&kit).await;
    let error = set(&kit, &secret, "weak").await.unwrap_err();
    assert_eq!(4242, error.code().number());
    set(&kit, &secret, "str0ng").await.unwrap();
}
