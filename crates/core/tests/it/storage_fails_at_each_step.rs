//! Whatever a call was doing when the storage failed: it leaves no session behind, and nothing half done.
//!
//! Each test runs its call over and over, each time in an app of its own, with the storage failing at
//! another of the call's reads or writes, until there is none left to fail at.

use std::time::Duration;

use vestibule::prelude::*;
use vestibule_model::KeyKind;
use vestibule_storage::Expiry;
use vestibule_testkit::{Outage, Profile, TestKit};

const ANN: &str = "ann@example.com";

/// More reads and writes than any of these calls makes.
const STEPS_AT_MOST: u64 = 40;

/// The ways in which the storage fails at one of the steps of a call.
const OUTAGES: [fn() -> Outage; 3] = [Outage::of_reads, Outage::of_writes, || {
    Outage::of_writes().busy()
}];

/// Where one session displaces another.
async fn app() -> TestKit {
    TestKit::bare().profile(Profile::Strict).start().await
}

/// Lets the storage fail at this step, of those that are made until `call` has ended, and then time pass in
/// which everything works. Says whether the storage failed, and whether the call succeeded.
async fn broken_at<T>(
    kit: &TestKit,
    step: u64,
    outage: fn() -> Outage,
    call: impl Future<Output = Result<T>>,
) -> (bool, bool) {
    kit.break_storage(outage().after(step).times(1));
    let outcome = call.await;
    kit.mend_storage();
    kit.advance(Duration::from_secs(10)).await;
    (kit.storage_failures() > 0, outcome.is_ok())
}

async fn guests(kit: &TestKit) -> u64 {
    let now = kit.engine().now();
    let counts = kit.storage().guest_counts(&Expiry::default(), now).await;
    counts.unwrap().all
}

#[tokio::test]
async fn a_guest_login_leaves_neither_guest_nor_session() {
    for outage in OUTAGES {
        for step in 0..STEPS_AT_MOST {
            let kit = app().await;
            let anonymous = kit.anonymous();
            let login = anonymous.submit(LoginAsGuest::default());
            let (failed, succeeded) = broken_at(&kit, step, outage, login).await;
            assert_eq!(u64::from(succeeded), guests(&kit).await, "step {step}");
            if !failed {
                assert!(succeeded);
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_login_leaves_the_sessions_that_there_were() {
    for outage in OUTAGES {
        for step in 0..STEPS_AT_MOST {
            let kit = app().await;
            let ann = kit.user(ANN).await;
            let before = kit.storage().sessions_of(ann.id()).await.unwrap();
            let anonymous = kit.anonymous();
            let login = anonymous.submit(Login::new(ANN, "secret"));
            let (failed, succeeded) = broken_at(&kit, step, outage, login).await;
            let after = kit.storage().sessions_of(ann.id()).await.unwrap();
            let same = before[0].selector == after[0].selector;
            assert_eq!((1, !succeeded), (after.len(), same), "step {step}");
            assert_eq!(!succeeded, ann.is_alive().await, "step {step}");
            if !failed {
                assert!(succeeded);
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_registration_is_made_or_can_be_made_again() {
    for outage in OUTAGES {
        for step in 0..STEPS_AT_MOST {
            let kit = app().await;
            let anonymous = kit.anonymous();
            let registration = anonymous.submit(Register::with(ANN, "secret"));
            let (failed, succeeded) = broken_at(&kit, step, outage, registration).await;
            let stored = kit.storage().account_by_identity(ANN).await.unwrap();
            assert_eq!(succeeded, stored.is_some(), "step {step}");
            if !succeeded {
                kit.register(ANN).await;
            }
            kit.log_in(ANN).await;
            if !failed {
                assert!(succeeded);
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_conversion_is_made_or_leaves_the_guest_as_it_was() {
    for outage in OUTAGES {
        for step in 0..STEPS_AT_MOST {
            let kit = app().await;
            let guest = kit.guest().await;
            let before = kit.storage().user(guest.id()).await.unwrap();
            let ann = record! { "email" => ANN, "password" => "secret" };
            let conversion = ConvertGuest::new(guest.id().clone(), ann);
            let converted = guest.submit(conversion.clone());
            let (failed, succeeded) = broken_at(&kit, step, outage, converted).await;
            assert!(guest.is_alive().await, "step {step}");
            let after = kit.storage().user(guest.id()).await.unwrap();
            // One that committed stays, though what it answers with could not be read.
            if before == after {
                assert!(!succeeded, "step {step}");
                guest.submit(conversion).await.unwrap();
            }
            assert_eq!(guest.id(), kit.log_in(ANN).await.id());
            if !failed {
                assert!(succeeded);
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_login_without_password_leaves_no_session() {
    for outage in OUTAGES {
        for step in 0..STEPS_AT_MOST {
            let kit = app().await;
            let ann = kit.user(ANN).await;
            let trusted = kit.anonymous().with_key(KeyKind::Bl);
            let login = trusted.submit_as_code_runner(LoginByObjectId::new(ann.id().clone()));
            let (failed, succeeded) = broken_at(&kit, step, outage, login).await;
            let sessions = kit.storage().sessions_of(ann.id()).await.unwrap();
            assert_eq!(1, sessions.len(), "step {step}");
            assert_eq!(!succeeded, ann.is_alive().await, "step {step}");
            if !failed {
                assert!(succeeded);
                break;
            }
        }
    }
}
