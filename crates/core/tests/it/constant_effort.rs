//! What is compared with a secret costs the same, whatever it comes to: an attacker with a stopwatch
//! learns nothing. What takes time is the hash of a password, and it is counted here. The bytes that
//! are compared of a key, and the hashes of an admin token, are counted beside `same` in `request.rs`
//! and beside `fits` in `first_start.rs`.

use vestibule::prelude::*;
use vestibule_core::VerifyPassword;
use vestibule_model::KeyKind;
use vestibule_testkit::{TestClient, TestKit};

/// How many passwords are hashed while this is done.
async fn hashes<T>(kit: &TestKit, work: impl Future<Output = T>) -> (u64, T) {
    let before = kit.engine().statistics().password_hashes;
    let done = work.await;
    (kit.engine().statistics().password_hashes - before, done)
}

/// What a login costs, and what it comes to.
async fn login(kit: &TestKit, login: &str, password: &str) -> (u64, i32) {
    let anybody = kit.anonymous();
    let (cost, outcome) = hashes(kit, anybody.submit(Login::new(login, password))).await;
    (cost, outcome.err().map_or(0, |error| error.code().number()))
}

async fn verify(kit: &TestKit, client: &TestClient<'_>, password: &str) -> (u64, bool) {
    let event = VerifyPassword::new(Some(Password::new(password)));
    let client = client.clone().with_key(KeyKind::Bl);
    let (cost, outcome) = hashes(kit, client.submit_as_code_runner(event)).await;
    (cost, outcome.unwrap())
}

#[tokio::test]
async fn every_login_that_gets_to_the_password_costs_one_hash() {
    let kit = TestKit::bare()
        .setting("login.multipleLogins", true)
        .setting("login.lockAfterFailedLogins", 3)
        .start()
        .await;
    for name in ["ann", "disabled", "locked"] {
        kit.register(&format!("{name}@example.com")).await;
    }
    let disabled = kit.log_in("disabled@example.com").await;
    crate::accounts::disable(&kit, disabled.id()).await;
    kit.set("registration.emailConfirmationRequired", true)
        .await;
    kit.register("pending@example.com").await;
    for _ in 0..3 {
        login(&kit, "locked@example.com", "wrong").await;
    }
    let guest = kit.guest().await;
    for (who, password, code) in [
        ("ann@example.com", "secret", 0),
        ("ANN@EXAMPLE.COM", "secret", 0),
        ("ann@example.com", "wrong", 3003),
        ("ann@example.com", "s", 3003),
        ("ann@example.com", &"x".repeat(1024), 3003),
        ("nobody@example.com", "secret", 3003),
        ("no address at all", "secret", 3003),
        (&"x".repeat(500), "secret", 3003),
        (guest.id().as_str(), "secret", 3003),
        ("disabled@example.com", "secret", 3090),
        ("disabled@example.com", "wrong", 3003),
        ("pending@example.com", "secret", 3087),
        ("pending@example.com", "wrong", 3003),
        ("locked@example.com", "secret", 3036),
        ("locked@example.com", "wrong", 3036),
    ] {
        assert_eq!(
            (1, code),
            login(&kit, who, password).await,
            "{who} {password}"
        );
    }
}

#[tokio::test]
async fn what_is_refused_before_the_password_costs_nothing_whoever_is_meant() {
    let kit = TestKit::bare().start().await;
    kit.register("ann@example.com").await;
    let long = "x".repeat(1025);
    for who in ["ann@example.com", "nobody@example.com"] {
        assert_eq!((0, 3006), login(&kit, who, "").await);
        assert_eq!((0, 8000), login(&kit, who, &long).await);
    }
    kit.set("login.enabled", false).await;
    for who in ["ann@example.com", "nobody@example.com"] {
        assert_eq!((0, 3034), login(&kit, who, "secret").await);
    }
}

#[tokio::test]
async fn a_user_without_a_password_costs_as_much_as_one_with_another() {
    let kit = TestKit::bare().start().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    assert_eq!((1, true), verify(&kit, &ann, "secret").await);
    assert_eq!((1, false), verify(&kit, &ann, "wrong").await);
    assert_eq!((1, false), verify(&kit, &ann, &"x".repeat(5000)).await);
    assert_eq!((1, false), verify(&kit, &guest, "secret").await);
}

#[tokio::test]
async fn a_registration_costs_as_much_whether_the_identity_is_free_or_taken() {
    let kit = TestKit::bare().start().await;
    kit.register("ann@example.com").await;
    let anybody = kit.anonymous();
    for (email, code) in [("ann@example.com", 3033), ("bob@example.com", 0)] {
        let register = anybody.submit(Register::with(email, "secret"));
        let (cost, outcome) = hashes(&kit, register).await;
        let got = outcome.err().map_or(0, |error| error.code().number());
        assert_eq!((1, code), (cost, got), "{email}");
    }
}

/// Leaves every conflict as it is, as most handlers will that look at the proof.
#[before(collect = false)]
async fn look_on(_event: &mut GuestConflict, _ctx: &Context) -> Result<Flow<GuestConflict>> {
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_conversion_costs_as_much_whatever_the_existing_users_password_is() {
    let kit = TestKit::with::<look_on>()
        .setting("login.lockAfterFailedLogins", 2)
        .start()
        .await;
    let disabled = kit.user("disabled@example.com").await;
    crate::accounts::disable(&kit, disabled.id()).await;
    kit.register("ann@example.com").await;
    let guest = kit.guest().await;
    let mut costs = Vec::new();
    for (email, password) in [
        ("ann@example.com", "secret"),
        ("ann@example.com", "wrong"),
        ("disabled@example.com", "secret"),
        ("disabled@example.com", "wrong"),
        ("ann@example.com", "wrong"), // now it is locked
        ("ann@example.com", "secret"),
    ] {
        let newcomer = record! { "email" => email, "password" => password };
        let conversion = ConvertGuest::new(guest.id().clone(), newcomer);
        let (cost, outcome) = hashes(&kit, guest.submit(conversion)).await;
        assert_eq!(3033, outcome.unwrap_err().code().number());
        costs.push(cost);
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
}
