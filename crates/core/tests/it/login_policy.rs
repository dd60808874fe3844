//! The settings for logins, one by one: what each refuses, and that it counts at once for accounts
//! and sessions that exist. What is general about logins and sessions stands in `login` and
//! `sessions`.

use std::time::Duration;

use vestibule::prelude::*;
use vestibule_core::VerifyPassword;
use vestibule_model::{KeyKind, Profile};
use vestibule_testkit::{TestClient, TestKit};

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";

/// What a login with this password comes to: a code, or 0.
async fn login(kit: &TestKit, email: &str, password: &str) -> i32 {
    let outcome = kit.anonymous().submit(Login::new(email, password)).await;
    outcome.err().map_or(0, |error| error.code().number())
}

async fn alive<const N: usize>(clients: [&TestClient<'_>; N]) -> [bool; N] {
    let mut alive = [false; N];
    for (client, alive) in clients.into_iter().zip(&mut alive) {
        *alive = client.is_alive().await;
    }
    alive
}

async fn set_password(client: &TestClient<'_>, password: &str, via: Via) {
    let change = Properties::from([("password".to_owned(), Value::from(password))]);
    let mut update = UpdateUser::new(client.id().clone(), change);
    update.via = via;
    client.submit(update).await.unwrap();
}

#[tokio::test]
async fn logins_that_are_switched_off_are_off_for_all_but_those_who_are_in() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user(ANN).await;
    kit.set("login.enabled", false).await;
    assert_eq!(3034, login(&kit, ANN, "secret").await);
    assert_eq!(3034, login(&kit, ANN, "wrong").await); // says nothing about the password
    assert!(ann.is_alive().await);
    kit.set("login.enabled", true).await;
    assert_eq!(0, login(&kit, ANN, "secret").await);
}

#[tokio::test]
async fn one_login_at_a_time_is_a_matter_of_one_user() {
    let kit = TestKit::bare().start().await;
    let (ann, bob) = (kit.user(ANN).await, kit.user(BOB).await);
    kit.log_in(ANN).await;
    assert_eq!([false, true], alive([&ann, &bob]).await);
    kit.set("login.rejectSecondLogin", true).await;
    assert_eq!(3002, login(&kit, ANN, "secret").await);
    bob.submit(Logout::default()).await.unwrap();
    assert_eq!(0, login(&kit, BOB, "secret").await);
}

#[tokio::test]
async fn a_wrong_password_ends_no_session_and_a_refused_login_neither() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user(ANN).await;
    assert_eq!(3003, login(&kit, ANN, "wrong").await);
    kit.set("login.rejectSecondLogin", true).await;
    assert_eq!(3002, login(&kit, ANN, "secret").await);
    assert!(ann.is_alive().await);
}

#[tokio::test]
async fn fewer_logins_than_there_are_end_none_and_let_nobody_in() {
    let kit = TestKit::bare()
        .setting("login.multipleLogins", true)
        .start()
        .await;
    let (first, second) = (kit.user(ANN).await, kit.log_in(ANN).await);
    let third = kit.log_in(ANN).await;
    kit.set("login.maxConcurrentLogins", 2).await;
    assert_eq!(3044, login(&kit, ANN, "secret").await);
    third.submit(Logout::default()).await.unwrap();
    assert_eq!(3044, login(&kit, ANN, "secret").await);
    second.submit(Logout::default()).await.unwrap();
    assert_eq!(0, login(&kit, ANN, "secret").await);
    assert!(first.is_alive().await);
    kit.set("login.maxConcurrentLogins", 0).await; // no limit
    assert_eq!(0, login(&kit, ANN, "secret").await);
}

#[tokio::test]
async fn the_number_of_logins_counts_once_several_are_allowed() {
    let kit = TestKit::bare()
        .setting("login.maxConcurrentLogins", 5)
        .start()
        .await;
    let first = kit.user(ANN).await;
    kit.log_in(ANN).await;
    assert!(!first.is_alive().await, "one is one");
}

#[tokio::test]
async fn several_logins_become_one_with_the_next_login() {
    let kit = TestKit::bare()
        .setting("login.multipleLogins", true)
        .start()
        .await;
    let (first, second) = (kit.user(ANN).await, kit.log_in(ANN).await);
    kit.set("login.multipleLogins", false).await;
    assert_eq!([true, true], alive([&first, &second]).await);
    let third = kit.log_in(ANN).await;
    assert_eq!([false, false, true], alive([&first, &second, &third]).await);
}

#[tokio::test]
async fn a_lock_is_of_one_account_and_ends_no_session() {
    let kit = TestKit::bare()
        .setting("login.lockAfterFailedLogins", 1)
        .start()
        .await;
    let (ann, bob) = (kit.user(ANN).await, kit.user(BOB).await);
    assert_eq!(3003, login(&kit, ANN, "wrong").await);
    assert_eq!(3036, login(&kit, ANN, "secret").await);
    assert_eq!([true, true], alive([&ann, &bob]).await);
    assert_eq!(0, login(&kit, BOB, "secret").await);
}

#[tokio::test]
async fn after_a_lock_counting_begins_anew() {
    let kit = TestKit::bare()
        .setting("login.lockAfterFailedLogins", 2)
        .setting("login.lockSeconds", 60)
        .start()
        .await;
    kit.register(ANN).await;
    for expected in [3003, 3003, 3036] {
        assert_eq!(expected, login(&kit, ANN, "wrong").await);
    }
    kit.advance(Duration::from_secs(61)).await;
    assert_eq!(3003, login(&kit, ANN, "wrong").await); // the first of two
    assert_eq!(0, login(&kit, ANN, "secret").await);
}

#[tokio::test]
async fn a_locked_account_is_not_locked_longer_by_further_guesses() {
    let kit = TestKit::bare()
        .setting("login.lockAfterFailedLogins", 1)
        .setting("login.lockSeconds", 60)
        .start()
        .await;
    kit.register(ANN).await;
    assert_eq!(3003, login(&kit, ANN, "wrong").await);
    for _ in 0..3 {
        kit.advance(Duration::from_secs(19)).await;
        assert_eq!(3036, login(&kit, ANN, "wrong").await);
    }
    kit.advance(Duration::from_secs(4)).await;
    assert_eq!(0, login(&kit, ANN, "secret").await);
}

#[tokio::test]
async fn the_settings_of_the_lock_count_for_locks_that_exist() {
    let kit = TestKit::bare()
        .setting("login.lockAfterFailedLogins", 2)
        .start()
        .await;
    kit.register(ANN).await;
    for expected in [3003, 3003, 3036] {
        assert_eq!(expected, login(&kit, ANN, "wrong").await);
    }
    kit.set("login.lockAfterFailedLogins", 3).await;
    assert_eq!(3003, login(&kit, ANN, "wrong").await);
    assert_eq!(3036, login(&kit, ANN, "secret").await);
    kit.set("login.lockSeconds", 10).await;
    kit.advance(Duration::from_secs(11)).await;
    assert_eq!(3003, login(&kit, ANN, "wrong").await);
    kit.set("login.lockAfterFailedLogins", 1).await;
    assert_eq!(3036, login(&kit, ANN, "secret").await);
    kit.set("login.lockAfterFailedLogins", 0).await; // never
    assert_eq!(0, login(&kit, ANN, "secret").await);
}

#[tokio::test]
async fn a_lock_survives_a_restart_and_downtime_is_no_time() {
    let kit = TestKit::bare()
        .setting("login.lockAfterFailedLogins", 1)
        .setting("login.lockSeconds", 60)
        .start()
        .await;
    kit.register(ANN).await;
    assert_eq!(3003, login(&kit, ANN, "wrong").await);
    let kit = kit.restart(Duration::from_secs(100_000)).await;
    assert_eq!(3036, login(&kit, ANN, "secret").await);
    kit.advance(Duration::from_secs(61)).await;
    assert_eq!(0, login(&kit, ANN, "secret").await);
}

#[tokio::test]
async fn an_absolute_lifetime_counts_at_once_for_sessions_that_exist_and_zero_is_never() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 0)
        .start()
        .await;
    let ann = kit.user(ANN).await;
    kit.advance(Duration::from_secs(100)).await;
    kit.set("sessions.absoluteLifetimeSeconds", 100).await;
    assert!(ann.is_alive().await, "at its end it still lives");
    kit.set("sessions.absoluteLifetimeSeconds", 99).await;
    assert!(!ann.is_alive().await);
    kit.set("sessions.absoluteLifetimeSeconds", 0).await;
    assert!(ann.is_alive().await, "it had not ended, it was too old");
}

#[tokio::test]
async fn the_confirmation_of_addresses_binds_those_who_register_under_it() {
    let kit = TestKit::bare().start().await;
    kit.register(ANN).await;
    kit.set("registration.emailConfirmationRequired", true)
        .await;
    kit.register(BOB).await;
    assert_eq!(0, login(&kit, ANN, "secret").await);
    assert_eq!(3087, login(&kit, BOB, "secret").await);
    assert_eq!(3003, login(&kit, BOB, "wrong").await); // says nothing without the password
    kit.set("registration.emailConfirmationRequired", false)
        .await;
    assert_eq!(3087, login(&kit, BOB, "secret").await);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_through_every_door() {
    for via in [Via::UserService, Via::DataService] {
        let kit = TestKit::bare()
            .profile(Profile::Backendless)
            .setting("login.multipleLogins", true)
            .start()
            .await;
        let (here, there) = (kit.user(ANN).await, kit.log_in(ANN).await);
        let bob = kit.user(BOB).await;
        set_password(&here, "another", via).await;
        assert_eq!(
            [true, false, true],
            alive([&here, &there, &bob]).await,
            "{via:?}"
        );
        assert_eq!(3003, login(&kit, ANN, "secret").await);
        assert_eq!(0, login(&kit, ANN, "another").await);
    }
}

#[tokio::test]
async fn a_password_that_somebody_else_changes_ends_every_session_of_the_user() {
    let kit = TestKit::bare().profile(Profile::Backendless).start().await;
    let (ann, bob) = (kit.user(ANN).await, kit.user(BOB).await);
    let change = Properties::from([("password".to_owned(), Value::from("taken over"))]);
    let update = UpdateUser::new(ann.id().clone(), change);
    bob.submit(update).await.unwrap();
    assert_eq!([false, true], alive([&ann, &bob]).await);
}

#[tokio::test]
async fn a_login_of_somebody_who_is_removed_meanwhile_fails_and_leaves_nothing() {
    let kit = TestKit::bare()
        .setting("login.multipleLogins", true)
        .start()
        .await;
    for number in 0..20 {
        let email = format!("user{number}@example.com");
        let user = kit.user(&email).await;
        let server = kit.code_runner();
        let (login, removed) = tokio::join!(
            server.submit_as_code_runner(LoginByObjectId::new(user.id().clone())),
            server.submit(RemoveUser::new(user.id().clone())),
        );
        removed.unwrap();
        match login {
            Ok(login) => assert!(!kit.anonymous().logged_in(&login).is_alive().await),
            // Gone before it was looked at, or after that.
            Err(error) => assert!([3057, 3000].contains(&error.code().number()), "{error:?}"),
        }
    }
}

#[tokio::test]
async fn to_verify_a_password_is_no_login_and_counts_as_none() {
    let kit = TestKit::bare()
        .setting("login.lockAfterFailedLogins", 1)
        .start()
        .await;
    let ann = kit.user(ANN).await.with_key(KeyKind::Bl);
    for (password, right) in [("wrong", false), ("secret", true)] {
        let verify = VerifyPassword::new(Some(Password::new(password)));
        assert_eq!(right, ann.submit_as_code_runner(verify).await.unwrap());
    }
    assert_eq!(0, login(&kit, ANN, "secret").await);
}
