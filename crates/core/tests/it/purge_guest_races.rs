//! Guests who come back at the very moment at which they are removed.

use futures::future::join_all;
use vestibule::prelude::*;
use vestibule_testkit::TestKit;

use crate::purge_guest::{by_hand, exists, sweep};

/// Guests of each kind.
const EACH: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_purge_and_a_login_or_a_conversion_at_once_exactly_one_wins() {
    let kit = by_hand(TestKit::bare()).start().await;
    let mut leavers = Vec::new();
    for _ in 0..2 * EACH {
        let guest = kit.guest().await;
        guest.submit(Logout::default()).await.unwrap();
        leavers.push(guest.id().clone());
    }
    let (logging_in, registering) = leavers.split_at(EACH);
    let runner = kit.code_runner();
    let log_in = join_all(logging_in.iter().map(|id| {
        let event = LoginByObjectId::new(id.clone());
        runner.submit_as_code_runner(event)
    }));
    let register = join_all(registering.iter().map(|id| {
        let email = format!("{id}@example.com");
        let user = record! { "email" => email, "password" => "secret" };
        runner.submit(ConvertGuest::new(id.clone(), user))
    }));
    let sweeps = async {
        let mut purged = 0;
        for _ in 0..20 {
            purged += sweep(&kit).await;
        }
        purged
    };
    let (log_in, register, purged) = tokio::join!(log_in, register, sweeps);

    let mut stayed = 0;
    for (id, outcome) in logging_in.iter().zip(log_in) {
        assert_eq!(outcome.is_ok(), exists(&kit, id).await, "{outcome:?}");
        if let Ok(login) = outcome {
            stayed += 1;
            assert!(kit.anonymous().logged_in(&login).is_alive().await);
        }
    }
    for (id, outcome) in registering.iter().zip(register) {
        assert_eq!(outcome.is_ok(), exists(&kit, id).await, "{outcome:?}");
        if let Ok(user) = outcome {
            stayed += 1;
            assert_eq!(UserStatus::Enabled, user.status);
        }
    }
    assert_eq!(2 * EACH, purged + stayed);
    assert_eq!(0, sweep(&kit).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_sweeps_at_once_remove_each_guest_once() {
    let kit = by_hand(TestKit::bare()).start().await;
    for _ in 0..300 {
        kit.guest().await;
    }
    kit.clock().advance(std::time::Duration::from_secs(61));
    let sweeps = join_all((0..4).map(|_| sweep(&kit))).await;
    assert_eq!(300, sweeps.iter().sum::<usize>());
    assert_eq!(300, kit.engine().guest_numbers().purged);
}

#[tokio::test]
async fn a_database_that_does_not_answer_keeps_everybody() {
    let kit = by_hand(TestKit::bare()).start().await;
    let guest = kit.guest().await;
    guest.submit(Logout::default()).await.unwrap();
    kit.storage().close().await;
    let error = kit.engine().sweep_guests().await.unwrap_err();
    assert_eq!(Some(503), error.chosen_status());
    assert_eq!(0, kit.engine().guest_numbers().purged);
}
