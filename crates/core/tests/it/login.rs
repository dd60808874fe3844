//! Login with identity and password: its codes, its lock, and what it costs.

use std::time::Duration;

use vestibule::prelude::*;
use vestibule_testkit::{TestClient, TestKit};

async fn code(client: &TestClient<'_>, login: Login) -> i32 {
    client.submit(login).await.unwrap_err().code().number()
}

fn login(login: impl Into<Value>, password: impl Into<Value>) -> Login {
    Login {
        login: login.into(),
        password: Some(Password::from_value(password.into())),
    }
}

#[tokio::test]
async fn a_login_is_refused_with_the_code_of_its_reason() {
    let kit = TestKit::bare().start().await;
    kit.register("ann@example.com").await;
    let anybody = kit.anonymous();
    assert_eq!(
        3003,
        code(&anybody, login("ann@example.com", "wrong")).await
    );
    assert_eq!(
        3003,
        code(&anybody, login("bob@example.com", "secret")).await
    );
    assert_eq!(3006, code(&anybody, login("", "secret")).await);
    assert_eq!(3006, code(&anybody, login("ann@example.com", "")).await);
    assert_eq!(3038, code(&anybody, login(Value::Null, "secret")).await);
    assert_eq!(
        3038,
        code(&anybody, login("ann@example.com", Value::Null)).await
    );
    assert_eq!(
        3038,
        code(
            &anybody,
            Login {
                login: "a".into(),
                password: None
            }
        )
        .await
    );
    assert_eq!(8008, code(&anybody, login(true, "secret")).await);
    assert_eq!(8000, code(&anybody, login("x".repeat(501), "secret")).await);
    assert_eq!(
        8000,
        code(&anybody, login("ann@example.com", "x".repeat(1025))).await
    );
    kit.set("login.enabled", false).await;
    assert_eq!(
        3034,
        code(&anybody, login("ann@example.com", "secret")).await
    );
}

#[tokio::test]
async fn unknown_login_wrong_password_and_locked_account_cost_one_hash_each() {
    let kit = TestKit::bare()
        .setting("login.lockAfterFailedLogins", 1)
        .start()
        .await;
    kit.register("ann@example.com").await;
    let anybody = kit.anonymous();
    let hashes = || kit.engine().statistics().password_hashes;
    let mut before = hashes();
    for (who, expected) in [
        ("bob@example.com", 3003),
        ("ann@example.com", 3003),
        ("ann@example.com", 3036),
    ] {
        assert_eq!(expected, code(&anybody, login(who, "wrong")).await);
        assert_eq!(before + 1, hashes(), "{who} {expected}");
        before = hashes();
    }
}

#[tokio::test]
async fn an_account_locks_after_so_many_failures_and_opens_after_a_while() {
    let kit = TestKit::bare()
        .setting("login.lockAfterFailedLogins", 2)
        .setting("login.lockSeconds", 600)
        .start()
        .await;
    kit.register("ann@example.com").await;
    let anybody = kit.anonymous();
    assert_eq!(
        3003,
        code(&anybody, login("ann@example.com", "wrong")).await
    );
    kit.log_in("ann@example.com").await; // a login that works out resets the counter
    assert_eq!(
        3003,
        code(&anybody, login("ann@example.com", "wrong")).await
    );
    assert_eq!(
        3003,
        code(&anybody, login("ann@example.com", "wrong")).await
    );
    assert_eq!(
        3036,
        code(&anybody, login("ann@example.com", "secret")).await
    );
    kit.advance(Duration::from_secs(599)).await;
    assert_eq!(
        3036,
        code(&anybody, login("ann@example.com", "secret")).await
    );
    kit.advance(Duration::from_secs(2)).await;
    kit.log_in("ann@example.com").await;
}

#[tokio::test]
async fn of_many_guesses_at_once_none_wins_after_the_lock_has_shut() {
    let kit = TestKit::bare()
        .setting("login.lockAfterFailedLogins", 3)
        .start()
        .await;
    kit.register("ann@example.com").await;
    let anybody = kit.anonymous();
    let wrong = (0..12).map(|_| anybody.submit(login("ann@example.com", "wrong")));
    let right = anybody.submit(login("ann@example.com", "secret"));
    let (outcomes, right) = tokio::join!(futures::future::join_all(wrong), right);
    let codes: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().unwrap_err().code().number())
        .collect();
    let let_through = codes.iter().filter(|code| **code == 3003).count();
    assert!(let_through <= 3, "the lock shuts after three: {codes:?}");
    if let Err(error) = right {
        assert_eq!(
            3036,
            error.code().number(),
            "the right guess hears what the wrong ones hear"
        );
    }
    assert_eq!(
        3036,
        code(&anybody, login("ann@example.com", "secret")).await
    );
}

#[tokio::test]
async fn a_disabled_account_is_refused_with_3090_even_with_the_right_password() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    crate::accounts::disable(&kit, ann.id()).await;
    assert_eq!(
        3090,
        code(&kit.anonymous(), login("ann@example.com", "secret")).await
    );
    assert_eq!(
        3003,
        code(&kit.anonymous(), login("ann@example.com", "wrong")).await
    );
}

#[tokio::test]
async fn a_registration_to_be_confirmed_cannot_log_in_yet() {
    let kit = TestKit::bare()
        .setting("registration.emailConfirmationRequired", true)
        .start()
        .await;
    kit.register("ann@example.com").await;
    assert_eq!(
        3087,
        code(&kit.anonymous(), login("ann@example.com", "secret")).await
    );
}

#[tokio::test]
async fn a_number_logs_in_as_the_text_it_is_written_as() {
    let kit = TestKit::bare().start().await;
    assert_eq!(3003, code(&kit.anonymous(), login(42, "secret")).await);
}
