//! How long sessions live that several servers see.

use std::time::Duration;

use vestibule::prelude::*;
use vestibule_core::Authentication;
use vestibule_model::ObjectId;
use vestibule_testkit::{Change, Outage, TestClient, TestKit, TestKitBuilder};

use crate::neighbours::{Hearing, Two, until};

/// How long a session may go unused, in seconds.
const TIMEOUT: u64 = 60;

/// What it may go unused beyond that, since others write down late what they see.
const DOUBT: u64 = 10;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn short() -> TestKitBuilder {
    let guests = TestKit::bare().setting("guests.cleanup", false);
    guests.setting("sessions.inactivityTimeoutSeconds", TIMEOUT as i64)
}

async fn two() -> Two {
    Two::start(short(), Hearing::Everything).await
}

impl Two {
    /// Lets time pass, in which activity is written down every five seconds, as it is anyway: but so
    /// that it has been written down at each moment.
    async fn pass(&self, duration: u64) {
        for second in 1..=duration {
            self.here.advance(seconds(1)).await;
            if second % 5 == 0 || second == duration {
                self.write_down().await;
            }
        }
    }

    pub(super) async fn write_down(&self) {
        self.here.engine().flush_activity().await.unwrap();
        self.there.engine().flush_activity().await.unwrap();
    }
}

/// Uses a session: any call with its token does.
pub(super) async fn use_it(kit: &TestKit, client: &TestClient<'_>) {
    kit.engine().roles(client.request().await).unwrap();
}

async fn exists(kit: &TestKit, id: &ObjectId) -> bool {
    kit.storage().user(id).await.unwrap().is_some()
}

async fn sweep(kit: &TestKit) -> usize {
    kit.engine().sweep_guests().await.unwrap().purged.len()
}

#[tokio::test]
async fn a_session_that_is_used_on_two_servers_in_turn_never_expires() {
    let two = two().await;
    let here = two.here.guest().await;
    let there = two.there(&here);
    for turn in 0..6 {
        if turn % 2 == 0 {
            use_it(&two.here, &here).await;
        } else {
            use_it(&two.there, &there).await;
        }
        two.pass(TIMEOUT - 1).await;
    }
    assert!(here.is_alive().await && there.is_alive().await);
}

#[tokio::test]
async fn a_session_that_is_used_elsewhere_only_is_neither_refused_nor_purged_here() {
    let two = two().await;
    let here = two.here.guest().await;
    let there = two.there(&here);
    for _ in 0..6 {
        use_it(&two.there, &there).await;
        two.pass(TIMEOUT - 1).await;
        assert_eq!(0, sweep(&two.here).await);
    }
    assert!(here.is_alive().await);
    assert!(exists(&two.here, here.id()).await);
}

#[tokio::test]
async fn a_session_that_is_used_elsewhere_only_counts_against_a_second_login_here() {
    let single = short().setting("login.rejectSecondLogin", true);
    let two = Two::start(single, Hearing::Everything).await;
    let here = two.here.user("ann@example.com").await;
    let there = two.there(&here);
    for _ in 0..3 {
        use_it(&two.there, &there).await;
        two.pass(TIMEOUT - 1).await;
    }
    let again = Login::new("ann@example.com", "secret");
    let refused = two.here.anonymous().submit(again).await.unwrap_err();
    assert_eq!(3002, refused.code().number());
    assert!(there.is_alive().await);
}

#[tokio::test]
async fn a_use_elsewhere_that_is_not_written_down_yet_ends_nothing() {
    let two = two().await;
    let here = two.here.guest().await;
    let there = two.there(&here);
    assert!(there.is_alive().await);
    two.pass(TIMEOUT - 1).await;
    // It takes a whole flush until the use is in the row.
    let activity = Outage::of_writes_with(|change| matches!(change, Change::RecordActivity(_)));
    two.there.break_storage(activity);
    use_it(&two.there, &there).await;
    two.here.advance(seconds(5)).await;
    assert!(here.is_alive().await);
    assert_eq!(0, sweep(&two.here).await);
    two.there.mend_storage();
    two.pass(TIMEOUT - 10).await;
    assert!(here.is_alive().await);
}

#[tokio::test]
async fn a_session_that_nobody_uses_expires_on_every_server_and_its_guest_goes() {
    let two = two().await;
    let here = two.here.guest().await;
    let there = two.there(&here);
    use_it(&two.there, &there).await;
    two.pass(TIMEOUT + DOUBT).await;
    assert!(here.is_alive().await && there.is_alive().await);
    assert_eq!(0, sweep(&two.there).await);
    two.pass(1).await;
    assert!(!here.is_alive().await && !there.is_alive().await);
    // Another server may have been asked a moment ago, and write it down a flush later.
    two.pass(DOUBT - 1).await;
    assert_eq!(0, sweep(&two.there).await);
    two.pass(1).await;
    assert_eq!(1, sweep(&two.there).await);
    assert!(!exists(&two.here, here.id()).await);
}

#[tokio::test]
async fn a_server_that_is_alone_gives_no_benefit_of_the_doubt_and_reads_nothing_for_it() {
    let kit = short().start().await;
    let guest = kit.guest().await;
    kit.advance(seconds(TIMEOUT)).await;
    assert!(guest.is_alive().await);
    kit.advance(seconds(1)).await;
    kit.break_storage(Outage::of_reads());
    assert!(!guest.is_alive().await);
    assert_eq!(0, kit.storage_failures());
}

#[tokio::test]
async fn a_use_that_is_not_written_down_yet_survives_that_others_change_the_user() {
    let two = two().await;
    let here = two.here.user("ann@example.com").await;
    let there = two.there(&here);
    assert!(there.is_alive().await);
    two.pass(TIMEOUT - 1).await;
    use_it(&two.there, &there).await;
    here.clone().with_role("Clerks").await;
    let is_forgotten = async || two.there.engine().statistics().sessions_in_memory == 0;
    until(is_forgotten).await;
    two.pass(TIMEOUT).await;
    assert!(there.is_alive().await && here.is_alive().await);
}

#[tokio::test]
async fn a_use_survives_that_the_server_lost_its_hearing() {
    let two = two().await;
    let here = two.here.guest().await;
    let there = two.there(&here);
    assert!(there.is_alive().await);
    two.pass(TIMEOUT - 1).await;
    two.there.lose_news();
    use_it(&two.there, &there).await;
    two.there.hear_again();
    until(async || two.there.engine().statistics().sessions_in_memory == 0).await;
    two.pass(TIMEOUT).await;
    assert!(there.is_alive().await && here.is_alive().await);
}

#[tokio::test]
async fn an_unknown_session_is_remembered_for_a_moment_but_not_by_the_deaf() {
    let two = two().await;
    let guest = two.here.guest().await;
    let token = guest.token().reveal();
    guest.submit(Logout::default()).await.unwrap();
    let ask = async || two.there.engine().authenticate(&token).await;
    let is_dead = |answer| matches!(answer, Ok(Authentication::Dead));

    assert!(is_dead(ask().await));
    two.there.break_storage(Outage::of_reads());
    assert!(is_dead(ask().await), "it was read a moment ago");
    two.there.mend_storage();

    two.there.lose_news();
    two.here.advance(seconds(2)).await;
    assert!(is_dead(ask().await));
    two.there.break_storage(Outage::of_reads());
    let error = ask().await.unwrap_err();
    assert_eq!(Some(503), error.chosen_status());
}

#[tokio::test]
async fn the_deaf_believe_no_session_that_they_know() {
    let two = two().await;
    let guest = two.here.guest().await;
    let there = two.there(&guest);
    assert!(there.is_alive().await);
    two.there.lose_news();
    two.there.break_storage(Outage::of_reads());
    assert!(there.is_alive().await, "nobody has noticed yet");
    two.here.advance(seconds(2)).await;
    let token = guest.token().reveal();
    let asked = two.there.engine().authenticate(&token).await;
    assert_eq!(Some(503), asked.unwrap_err().chosen_status());
}

#[tokio::test]
async fn a_dead_token_costs_one_read_a_second_here_too() {
    let two = two().await;
    let guest = two.here.guest().await;
    two.pass(TIMEOUT + DOUBT + 1).await;
    assert!(!guest.is_alive().await);
    two.here.break_storage(Outage::of_reads());
    assert!(!guest.is_alive().await);
    assert_eq!(0, two.here.storage_failures());
}
