//! Confirming an email address: who has to, by which link, and who gets another one.

use std::time::Duration;

use vestibule::prelude::*;
use vestibule_model::{Actor, AuditRecord, KeyKind, LinkPurpose, Profile};
use vestibule_testkit::{TestClient, TestKit, TestKitBuilder};

use crate::{
    accounts::disable,
    mails::{last_mail, link, secret},
    waiting::{until, while_seconds_pass},
};

const ANN: &str = "ann@example.com";

fn confirming(kit: TestKitBuilder) -> TestKitBuilder {
    kit.setting("registration.emailConfirmationRequired", true)
}

async fn kit_with_pending_ann() -> (TestKit, User) {
    let kit = confirming(TestKit::bare()).start().await;
    let newcomer = Register::with(ANN, "secret");
    let ann = kit.anonymous().submit(newcomer).await.unwrap();
    (kit, ann)
}

async fn confirm(kit: &TestKit, link: &str) -> Result<User> {
    kit.anonymous().submit(ConfirmEmail::new(link)).await
}

async fn login_code(kit: &TestKit) -> Option<i32> {
    let login = kit.anonymous().submit(Login::new(ANN, "secret")).await;
    login.err().map(|error| error.code().number())
}

async fn resend(kit: &TestKit) -> Option<i32> {
    let resent = kit.anonymous().submit(ResendConfirmation::new(ANN)).await;
    resent.err().map(|error| error.code().number())
}

async fn url(client: &TestClient<'_>) -> Result<String, i32> {
    let url = client.submit(CreateEmailConfirmationUrl::new(ANN)).await;
    url.map(|url| url.reveal().to_owned())
        .map_err(|error| error.code().number())
}

#[tokio::test]
async fn whoever_registers_is_pending_until_the_mailed_link_is_used() {
    let (kit, ann) = kit_with_pending_ann().await;
    assert_eq!(UserStatus::EmailConfirmationPending, ann.status);
    assert_eq!(Some(3087), login_code(&kit).await);
    let mail = last_mail(&kit).await;
    assert_eq!(
        (ANN, "Confirm your email address"),
        (&*mail.to, &*mail.subject)
    );
    let page = "http://localhost:9000/account/confirm-email/";
    assert!(link(&mail).starts_with(page), "{}", mail.text);

    let works = kit
        .engine()
        .link_works(LinkPurpose::ConfirmEmail, secret(&mail));
    assert!(works.await.unwrap());
    assert_eq!(
        Some(3087),
        login_code(&kit).await,
        "to look is not to confirm"
    );
    let confirmed = confirm(&kit, secret(&mail)).await.unwrap();
    assert_eq!(
        (ann.id(), UserStatus::Enabled),
        (confirmed.id(), confirmed.status)
    );
    assert_eq!(None, login_code(&kit).await);

    let error = confirm(&kit, secret(&mail)).await.unwrap_err();
    assert_eq!(Some(410), error.chosen_status());
}

#[tokio::test]
async fn without_the_setting_nobody_is_asked() {
    let kit = TestKit::bare().start().await;
    kit.register(ANN).await;
    assert!(kit.mails().await.is_empty());
    assert_eq!(Some(3103), resend(&kit).await);
    assert_eq!(Err(3103), url(&kit.code_runner()).await);
}

#[tokio::test]
async fn a_guest_who_registers_is_asked_too_and_keeps_the_session() {
    let kit = confirming(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    let ann = record! { "email" => ANN, "password" => "secret" };
    let event = ConvertGuest::new(guest.id().clone(), ann);
    let converted = guest.submit(event).await.unwrap();
    assert_eq!(UserStatus::EmailConfirmationPending, converted.status);
    let mail = last_mail(&kit).await;
    confirm(&kit, secret(&mail)).await.unwrap();
    assert!(guest.is_alive().await);
    let find = FindById::new("Users", guest.id().clone(), Query::default());
    let found = guest.submit(find).await.unwrap();
    assert_eq!(Some("ENABLED"), found.get("userStatus").as_text());
}

#[tokio::test]
async fn users_who_are_made_by_the_data_service_are_asked_too() {
    let kit = confirming(TestKit::bare().profile(Profile::Backendless))
        .start()
        .await;
    let users = ["ann", "bob"].map(|name| {
        record! { "email" => format!("{name}@example.com"), "password" => "secret" }
    });
    let event = BulkCreate::new("Users", users.to_vec());
    kit.anonymous().submit(event).await.unwrap();
    let mut to: Vec<_> = kit.mails().await.into_iter().map(|mail| mail.to).collect();
    to.sort_unstable();
    assert_eq!(["ann@example.com", "bob@example.com"], *to);
}

#[tokio::test]
async fn a_registration_does_not_fail_by_a_mail() {
    let kit = confirming(TestKit::bare()).start().await;
    kit.break_mail(true);
    kit.register(ANN).await;
    assert!(kit.mails().await.is_empty());
    kit.break_mail(false);
    assert_eq!(None, resend(&kit).await);
    assert_eq!(1, kit.mails().await.len());
}

#[tokio::test]
async fn without_a_mailer_a_registration_and_a_resend_work_and_nothing_is_sent() {
    let kit = confirming(TestKit::bare()).without_mail().start().await;
    kit.register(ANN).await;
    assert_eq!(Some(3087), login_code(&kit).await);
    for _ in 0..2 {
        assert_eq!(None, resend(&kit).await);
    }
    assert!(kit.mails().await.is_empty());
}

#[tokio::test]
async fn another_mail_replaces_the_link_and_there_is_one_a_minute() {
    let (kit, _) = kit_with_pending_ann().await;
    let first = last_mail(&kit).await;
    assert_eq!(None, resend(&kit).await);
    assert_eq!(Some(999), resend(&kit).await);
    let second = last_mail(&kit).await;
    assert_eq!(2, kit.mails().await.len());
    let error = confirm(&kit, secret(&first)).await.unwrap_err();
    assert_eq!(Some(410), error.chosen_status());
    confirm(&kit, secret(&second)).await.unwrap();
    kit.clock().advance(Duration::from_secs(60));
    assert_eq!(Some(3102), resend(&kit).await);
}

#[tokio::test]
async fn an_address_gets_no_more_mails_when_its_user_is_removed_and_made_again() {
    let kit = confirming(TestKit::bare()).start().await;
    for _ in 0..3 {
        let guest = kit.guest().await;
        let ann = record! { "email" => ANN, "password" => "secret" };
        let event = ConvertGuest::new(guest.id().clone(), ann);
        guest.submit(event).await.unwrap();
        assert_eq!(1, kit.mails().await.len());
        let remove = RemoveUser::new(guest.id().clone());
        guest.submit(remove).await.unwrap();
    }
    kit.clock().advance(Duration::from_secs(60));
    kit.register(ANN).await;
    assert_eq!(2, kit.mails().await.len());
}

/// How long a mail may take.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(20);

/// A kit in which five users have just registered, and the mails to four of them hang.
async fn kit_with_a_queue() -> TestKit {
    let kit = confirming(TestKit::bare()).start().await;
    kit.stall_mail(true);
    for number in 0..5 {
        kit.register(&format!("user{number}@example.com")).await;
    }
    until("four mails are under way", || kit.stalled_mails() == 4).await;
    kit.stall_mail(false);
    kit
}

#[tokio::test]
async fn a_password_is_restored_while_mails_of_registrations_hang() {
    let kit = kit_with_a_queue().await;
    let restore = RestorePassword::new("user0@example.com");
    kit.anonymous().submit(restore).await.unwrap();
    kit.advance(GIVEN_UP_AFTER).await;
    let mails = kit.mails().await;
    assert!(
        mails
            .iter()
            .any(|mail| mail.subject == "Set a new password")
    );
}

#[tokio::test]
async fn a_confirmation_waits_for_its_turn_as_long_as_it_takes() {
    let kit = kit_with_a_queue().await;
    kit.advance(GIVEN_UP_AFTER).await;
    let to: Vec<_> = kit.mails().await.into_iter().map(|mail| mail.to).collect();
    assert_eq!(["user4@example.com"], *to);
}

#[tokio::test]
async fn mails_that_hang_do_not_keep_the_server_from_going_down() {
    let kit = kit_with_a_queue().await;
    kit.stall_mail(true);
    while_seconds_pass(&kit, kit.engine().shut_down()).await;
}

#[tokio::test]
async fn a_link_works_for_a_day_and_for_its_purpose() {
    let (kit, _) = kit_with_pending_ann().await;
    let mail = last_mail(&kit).await;
    let event = SetPasswordByLink::new(secret(&mail), Some(Password::new("stolen")));
    let error = kit.anonymous().submit(event).await.unwrap_err();
    assert_eq!(Some(410), error.chosen_status());
    kit.clock().advance(Duration::from_secs(24 * 3600));
    let works = async || {
        let works = kit
            .engine()
            .link_works(LinkPurpose::ConfirmEmail, secret(&mail));
        works.await.unwrap()
    };
    assert!(works().await);
    kit.clock().advance(Duration::from_millis(1));
    assert!(!works().await);
    assert!(confirm(&kit, secret(&mail)).await.is_err());
}

#[tokio::test]
async fn the_codes_of_a_resend_name_the_reason() {
    let (kit, ann) = kit_with_pending_ann().await;
    let code = async |identity: &str| {
        let event = ResendConfirmation::new(identity);
        let error = kit.anonymous().submit(event).await.unwrap_err();
        error.code().number()
    };
    let guest = kit.guest().await;
    assert_eq!(3104, code("nobody@example.com").await);
    assert_eq!(3104, code(guest.id().as_str()).await);
    disable(&kit, ann.id()).await;
    assert_eq!(3090, code(ANN).await);
    let error = confirm(&kit, secret(&last_mail(&kit).await)).await;
    assert_eq!(3090, error.unwrap_err().code().number());
}

#[tokio::test]
async fn the_link_itself_is_for_server_code_and_for_all_where_everything_is_granted() {
    let (kit, _) = kit_with_pending_ann().await;
    assert_eq!(Err(2000), url(&kit.anonymous()).await);
    let guest = kit.guest().await;
    assert_eq!(Err(2000), url(&guest).await);
    let by_server_code = url(&kit.code_runner()).await.unwrap();
    kit.set("permissions.base", "everything").await;
    let by_anybody = url(&kit.anonymous()).await.unwrap();
    assert_ne!(by_server_code, by_anybody);
    let secret = by_anybody.rsplit('/').next().unwrap();
    confirm(&kit, secret).await.unwrap();
    assert_eq!(Err(3102), url(&kit.anonymous()).await);
}

#[tokio::test]
async fn a_link_does_not_confirm_another_address() {
    let (kit, ann) = kit_with_pending_ann().await;
    let mail = last_mail(&kit).await;
    let other = record! { "email" => "other@example.com" };
    let event = UpdateUser::new(ann.id().clone(), other);
    kit.code_runner().submit(event).await.unwrap();
    let error = confirm(&kit, secret(&mail)).await.unwrap_err();
    assert_eq!(Some(410), error.chosen_status());
}

#[tokio::test]
async fn a_pending_user_can_restore_the_password_and_still_has_to_confirm() {
    let (kit, _) = kit_with_pending_ann().await;
    let confirmation = last_mail(&kit).await;
    kit.anonymous()
        .submit(RestorePassword::new(ANN))
        .await
        .unwrap();
    let restore = last_mail(&kit).await;
    let event = SetPasswordByLink::new(secret(&restore), Some(Password::new("secret")));
    kit.anonymous().submit(event).await.unwrap();
    assert_eq!(Some(3087), login_code(&kit).await);
    confirm(&kit, secret(&confirmation)).await.unwrap();
    assert_eq!(None, login_code(&kit).await);
}

#[tokio::test]
async fn a_link_that_server_code_takes_leaves_an_audit_record_and_one_that_is_not_made_leaves_none()
{
    let (kit, ann) = kit_with_pending_ann().await;
    let recorded = async || {
        let trail = kit.storage().audit(0, 10).await.unwrap();
        let of_links = |record: &AuditRecord| record.action == "createEmailConfirmationURL";
        trail.into_iter().find(of_links)
    };
    let nobody = CreateEmailConfirmationUrl::new("nobody@example.com");
    kit.code_runner().submit(nobody).await.unwrap_err();
    assert_eq!(None, recorded().await);

    url(&kit.code_runner()).await.unwrap();
    let record = recorded().await.unwrap();
    assert_eq!(Some(ann.id().clone()), record.subject);
    assert_eq!(Actor::Key(KeyKind::Bl), record.actor);
}
