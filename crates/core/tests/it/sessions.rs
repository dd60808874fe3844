//! Sessions: how long they live, what ends them, and how many there may be.

use std::time::Duration;

use vestibule::prelude::*;
use vestibule_core::{Authentication, ChangeUserStatus};
use vestibule_testkit::TestKit;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_session_lives_as_long_as_it_is_used() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 60)
        .start()
        .await;
    let guest = kit.guest().await;
    for _ in 0..5 {
        kit.advance(Duration::from_secs(50)).await;
        kit.engine().roles(guest.request().await).unwrap(); // any call with the token is a use
    }
    kit.advance(Duration::from_secs(61)).await;
    assert!(!guest.is_alive().await);
}

#[tokio::test]
async fn asking_whether_a_session_lives_is_no_use_of_it() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 60)
        .start()
        .await;
    let guest = kit.guest().await;
    for _ in 0..6 {
        assert!(guest.is_alive().await);
        kit.advance(Duration::from_secs(10)).await;
    }
    kit.advance(Duration::from_secs(1)).await;
    assert!(!guest.is_alive().await);
}

#[tokio::test]
async fn a_jump_of_the_wall_clock_ends_no_session() {
    let kit = TestKit::bare().start().await;
    let guest = kit.guest().await;
    let now = kit.engine().now();
    kit.clock()
        .jump_to(now.plus(Duration::from_secs(1_000_000_000)));
    assert!(guest.is_alive().await);
    kit.clock().jump_to(Timestamp::from_millis(0));
    assert!(guest.is_alive().await);
}

#[tokio::test]
async fn a_night_without_a_server_ends_no_session() {
    let kit = TestKit::bare().start().await;
    let guest = kit.guest().await;
    let token = guest.token().reveal();
    kit.advance(Duration::from_secs(3000)).await;
    drop(guest);
    let kit = kit.restart(Duration::from_secs(100_000)).await;
    let authentication = kit.engine().authenticate(&token).await.unwrap();
    assert!(matches!(authentication, Authentication::Live(_)));
    kit.advance(Duration::from_secs(3500)).await;
    let authentication = kit.engine().authenticate(&token).await.unwrap();
    assert!(
        matches!(authentication, Authentication::Live(_)),
        "it counts as used at the start"
    );
    kit.advance(Duration::from_secs(200)).await;
    assert!(matches!(
        kit.engine().authenticate(&token).await.unwrap(),
        Authentication::Dead
    ));
}

#[tokio::test]
async fn the_timeout_counts_at_once_for_sessions_that_exist_and_zero_is_never() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 0)
        .start()
        .await;
    let guest = kit.guest().await;
    kit.clock().advance(MINUTE * 1_000_000);
    assert!(guest.is_alive().await);
    kit.set("sessions.inactivityTimeoutSeconds", 60).await;
    assert!(!guest.is_alive().await);
}

#[tokio::test]
async fn an_absolute_lifetime_ends_a_session_in_use() {
    let kit = TestKit::bare()
        .setting("sessions.absoluteLifetimeSeconds", 120)
        .start()
        .await;
    let guest = kit.guest().await;
    for alive in [true, true, false] {
        kit.advance(Duration::from_secs(50)).await;
        assert_eq!(alive, guest.is_alive().await);
    }
}

#[tokio::test]
async fn a_second_login_ends_the_first_session_unless_it_is_refused() {
    let kit = TestKit::bare().start().await;
    let first = kit.user("ann@example.com").await;
    let second = kit.log_in("ann@example.com").await;
    assert_eq!(
        (false, true),
        (first.is_alive().await, second.is_alive().await)
    );

    kit.set("login.rejectSecondLogin", true).await;
    let error = kit
        .anonymous()
        .submit(Login::new("ann@example.com", "secret"))
        .await
        .unwrap_err();
    assert_eq!(3002, error.code().number());
    assert!(second.is_alive().await);
}

#[tokio::test]
async fn a_session_that_expired_does_not_count_against_a_second_login() {
    let kit = TestKit::bare()
        .setting("login.rejectSecondLogin", true)
        .start()
        .await;
    kit.user("ann@example.com").await;
    kit.advance(Duration::from_secs(3601)).await;
    kit.log_in("ann@example.com").await;
}

#[tokio::test]
async fn the_cap_of_concurrent_logins_refuses_the_newcomer_with_3044() {
    let kit = TestKit::bare()
        .setting("login.multipleLogins", true)
        .setting("login.maxConcurrentLogins", 2)
        .start()
        .await;
    let first = kit.user("ann@example.com").await;
    let second = kit.log_in("ann@example.com").await;
    let error = kit
        .anonymous()
        .submit(Login::new("ann@example.com", "secret"))
        .await
        .unwrap_err();
    assert_eq!(3044, error.code().number());
    assert!(first.is_alive().await && second.is_alive().await);
    second.submit(Logout::default()).await.unwrap();
    kit.log_in("ann@example.com").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_logins_at_once_one_session_lives() {
    let kit = TestKit::bare().start().await;
    kit.register("ann@example.com").await;
    let mut calls = Vec::new();
    for _ in 0..6 {
        let (engine, request) = (kit.engine().clone(), kit.anonymous().request().await);
        calls.push(tokio::spawn(async move {
            engine
                .submit(request, Login::new("ann@example.com", "secret"))
                .await
                .outcome
        }));
    }
    let mut alive = 0;
    for call in calls {
        let login = call.await.unwrap().unwrap();
        alive += u32::from(kit.anonymous().logged_in(&login).is_alive().await);
        kit.storage().check().await.unwrap();
    }
    let account = kit
        .storage()
        .account_by_identity("ann@example.com")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        1,
        kit.storage()
            .sessions_of(account.user.id())
            .await
            .unwrap()
            .len()
    );
    assert!(alive <= 6);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_the_old_password() {
    let kit = TestKit::bare()
        .setting("login.multipleLogins", true)
        .start()
        .await;
    let here = kit.user("ann@example.com").await;
    let there = kit.log_in("ann@example.com").await;
    let change = Properties::from([("password".to_owned(), Value::from("new secret"))]);
    here.submit(UpdateUser::new(here.id().clone(), change))
        .await
        .unwrap();
    assert_eq!(
        (true, false),
        (here.is_alive().await, there.is_alive().await)
    );
    let anybody = kit.anonymous();
    assert!(
        anybody
            .submit(Login::new("ann@example.com", "secret"))
            .await
            .is_err()
    );
    anybody
        .submit(Login::new("ann@example.com", "new secret"))
        .await
        .unwrap();
}

#[tokio::test]
async fn disabling_ends_no_session_and_enabling_revives_it() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    let token = ann.token().reveal();
    for (status, alive) in [(UserStatus::Disabled, false), (UserStatus::Enabled, true)] {
        let change = ChangeUserStatus::new(ann.id().clone(), status);
        kit.code_runner()
            .submit_as_code_runner(change)
            .await
            .unwrap();
        let authentication = kit.engine().authenticate(&token).await.unwrap();
        assert_eq!(
            alive,
            matches!(authentication, Authentication::Live(_)),
            "{authentication:?}"
        );
        assert!(
            !matches!(authentication, Authentication::Dead),
            "{authentication:?}"
        );
    }
}

#[tokio::test]
async fn a_disabled_user_may_log_out_and_do_nothing_else() {
    let kit = TestKit::bare().start().await;
    let ann = kit.user("ann@example.com").await;
    crate::accounts::disable(&kit, ann.id()).await;
    let rename = Properties::from([("name".to_owned(), Value::from("Ann"))]);
    let update = UpdateUser::new(ann.id().clone(), rename);
    assert_eq!(3090, ann.submit(update).await.unwrap_err().code().number());
    let read = FindById::new("Users", ann.id().clone(), Query::new());
    assert_eq!(3090, ann.submit(read).await.unwrap_err().code().number());
    ann.submit(Logout::default()).await.unwrap();
    assert!(!ann.is_alive().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_and_a_disabling_at_once_leave_no_session_that_works() {
    let kit = TestKit::bare()
        .setting("login.multipleLogins", true)
        .start()
        .await;
    kit.register("ann@example.com").await;
    let ann = kit.log_in("ann@example.com").await;
    for _ in 0..10 {
        let (engine, request) = (kit.engine().clone(), kit.anonymous().request().await);
        let login = tokio::spawn(async move {
            engine
                .submit(request, Login::new("ann@example.com", "secret"))
                .await
                .outcome
        });
        let status = |status| ChangeUserStatus::new(ann.id().clone(), status);
        let server = kit.code_runner();
        server
            .submit_as_code_runner(status(UserStatus::Disabled))
            .await
            .unwrap();
        if let Ok(login) = login.await.unwrap() {
            assert!(!kit.anonymous().logged_in(&login).is_alive().await);
        }
        server
            .submit_as_code_runner(status(UserStatus::Enabled))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_wrong_verifier_is_a_dead_token() {
    let kit = TestKit::bare().start().await;
    let (one, other) = (kit.guest().await, kit.guest().await);
    let (one, other) = (one.token().reveal(), other.token().reveal());
    let forged = format!(
        "{}.{}",
        one.split_once('.').unwrap().0,
        other.split_once('.').unwrap().1
    );
    assert!(matches!(
        kit.engine().authenticate(&forged).await.unwrap(),
        Authentication::Dead
    ));
}
