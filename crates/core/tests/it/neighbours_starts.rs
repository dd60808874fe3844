//! Servers that start beside others, and the time that they share.

use std::{sync::Arc, time::Duration};

use vestibule::prelude::*;
use vestibule_core::{AppConfig, Authentication, Engine};
use vestibule_model::{ActivityTime, Clock, ManualClock, SeededRandomness, Timestamp};
use vestibule_testkit::{Neighbourhood, Outage, TestKit, TestKitBuilder};

use crate::{
    neighbours::{Hearing, Two, until},
    neighbours_sessions::use_it,
};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn short() -> TestKitBuilder {
    let minute = TestKit::bare().setting("sessions.inactivityTimeoutSeconds", 60);
    minute.setting("guests.cleanup", false).with_neighbours()
}

/// Lets time pass here, with the heartbeat written down at each moment that is one for it.
async fn pass(kit: &TestKit, duration: u64) {
    for second in 1..=duration {
        kit.advance(seconds(1)).await;
        if second % 5 == 0 {
            kit.engine().flush_activity().await.unwrap();
        }
    }
}

/// When the only session of a user was last used, by its row, in seconds.
async fn last_used(kit: &TestKit, id: &ObjectId) -> i64 {
    let sessions = kit.storage().sessions_of(id).await.unwrap();
    assert_eq!(1, sessions.len());
    sessions[0].last_used.as_millis() / 1000
}

#[tokio::test]
async fn a_start_beside_a_running_server_lifts_no_session() {
    let here = short().start().await;
    let guest = here.guest().await;
    let token = guest.token().reveal();
    pass(&here, 50).await;
    let there = here.neighbour().await;
    let history = here.storage().activity_history().await.unwrap();
    assert_eq!(vec![ActivityTime::default()], history.starts);
    pass(&here, 21).await;
    let alive = [&here, &there].map(|kit| kit.anonymous().with_token(&token));
    assert!(!alive[0].is_alive().await && !alive[1].is_alive().await);
}

#[tokio::test]
async fn a_start_beside_a_running_server_counts_no_downtime() {
    let here = short().start().await;
    let guest = here.guest().await;
    pass(&here, 53).await;
    let there = here.neighbour().await;
    let elsewhere = there.anonymous().with_token(&guest.token().reveal());
    use_it(&there, &elsewhere).await;
    there.engine().flush_activity().await.unwrap();
    assert_eq!(53, last_used(&here, guest.id()).await);
}

#[tokio::test]
async fn a_start_when_no_server_runs_counts_the_downtime_out_and_lifts_sessions() {
    let kit = short().start().await;
    let guest = kit.guest().await;
    let token = guest.token().reveal();
    pass(&kit, 50).await;
    drop(guest);
    let kit = kit.restart(seconds(100_000)).await;
    let lives = async |kit: &TestKit| {
        let authentication = kit.engine().authenticate(&token).await.unwrap();
        matches!(authentication, Authentication::Live(_))
    };
    assert!(lives(&kit).await);
    pass(&kit, 60).await;
    assert!(lives(&kit).await, "it counts as used at the start");
    pass(&kit, 11).await;
    assert!(!lives(&kit).await);
}

#[tokio::test]
async fn a_start_that_others_wrote_down_lifts_sessions_on_servers_that_run() {
    let here = short().start().await;
    let there = here.neighbour().await;
    let guest = here.guest().await;
    let elsewhere = there.anonymous().with_token(&guest.token().reveal());
    assert!(elsewhere.is_alive().await);
    pass(&here, 20).await;
    // Both are cut off for long, so a third one takes itself for the only one.
    for kit in [&here, &there] {
        kit.break_storage(Outage::of_writes());
    }
    here.advance(seconds(40)).await;
    let third = here.neighbour().await;
    let history = here.storage().activity_history().await.unwrap();
    assert_eq!(
        [0, 20_000],
        [history.starts[0], history.starts[1]].map(ActivityTime::as_millis)
    );
    for kit in [&here, &there] {
        kit.mend_storage();
        kit.engine().flush_activity().await.unwrap();
    }
    pass(&here, 30).await;
    assert!(elsewhere.is_alive().await, "it counts as used at the start");
    pass(&here, 1).await;
    assert!(!elsewhere.is_alive().await);
    drop(third);
}

#[tokio::test]
async fn activity_clocks_that_drift_apart_come_together() {
    let here = short().start().await;
    let slow = ManualClock::at(here.clock().now());
    let there = here.neighbour_by(slow.clone()).await;
    let guest = here.guest().await;
    let elsewhere = there.anonymous().with_token(&guest.token().reveal());
    here.advance(seconds(50)).await;
    slow.advance(seconds(20));
    here.engine().flush_activity().await.unwrap();
    there.engine().flush_activity().await.unwrap();
    use_it(&there, &elsewhere).await;
    there.engine().flush_activity().await.unwrap();
    assert_eq!(50, last_used(&here, guest.id()).await);

    // The one that was ahead does not wait for the other, nor go back to it.
    here.advance(seconds(3)).await;
    here.engine().flush_activity().await.unwrap();
    use_it(&here, &guest).await;
    here.engine().flush_activity().await.unwrap();
    assert_eq!(53, last_used(&here, guest.id()).await);
}

/// A server that is told nothing about the app.
async fn start(shared: &Neighbourhood, seed: u64) -> (Engine, Option<String>) {
    let clock = ManualClock::at(Timestamp::from_millis(1_767_225_600_000));
    let builder = Engine::builder(shared.server(&clock))
        .clock(Arc::new(clock))
        .randomness(Arc::new(SeededRandomness::new(seed)))
        .app(AppConfig::default());
    let (engine, prepared) = builder.start().await.unwrap();
    assert_eq!(prepared.first_start, prepared.made_admin_token.is_some());
    (engine, prepared.made_admin_token)
}

#[tokio::test]
async fn of_several_first_starts_at_once_one_makes_the_app_and_the_others_adopt_it() {
    for _ in 0..5 {
        let shared = Neighbourhood::new();
        let starts = (1..=3).map(|seed| start(&shared, seed));
        let started = futures::future::join_all(starts).await;
        let (engines, tokens): (Vec<_>, Vec<_>) = started.into_iter().unzip();
        let tokens: Vec<_> = tokens.into_iter().flatten().collect();
        assert_eq!(1, tokens.len(), "one server made the app");
        for engine in &engines {
            assert_eq!(engines[0].app(), engine.app());
            assert!(engine.is_admin_token(&tokens[0]));
        }
    }
}

/// Changes a setting at this server.
async fn set(kit: &TestKit, key: &str, value: impl Into<Value>) {
    let changes = [(key.to_owned(), value.into())];
    kit.engine().change_settings(&changes).await.unwrap();
}

#[tokio::test]
async fn two_operators_who_change_settings_on_two_servers_lose_nothing() {
    let two = Two::start(TestKit::bare(), Hearing::Everything).await;
    for round in 1..=20 {
        tokio::join!(
            set(&two.here, "login.maxConcurrentLogins", round),
            set(&two.there, "sessions.inactivityTimeoutSeconds", 100 + round),
        );
        let is_known = async |kit: &TestKit| {
            let settings = kit.engine().settings();
            let logins = i64::from(settings.login.max_concurrent_logins);
            let timeout = i64::from(settings.sessions.inactivity_timeout_seconds);
            (round, 100 + round) == (logins, timeout)
        };
        until(async || is_known(&two.here).await && is_known(&two.there).await).await;
    }
}

#[tokio::test]
async fn an_operator_can_set_back_what_another_one_set_unheard() {
    let two = Two::start(TestKit::bare(), Hearing::Everything).await;
    two.there.lose_news();
    set(&two.here, "login.multipleLogins", true).await;
    assert!(!two.there.engine().settings().login.multiple_logins);
    set(&two.there, "login.multipleLogins", false).await;
    until(async || !two.here.engine().settings().login.multiple_logins).await;
}

#[tokio::test]
async fn news_that_cannot_be_read_are_read_once_they_can() {
    let two = Two::start(TestKit::bare(), Hearing::Everything).await;
    two.there.break_storage(Outage::of_reads());
    set(&two.here, "login.multipleLogins", true).await;
    until(async || two.there.storage_failures() > 0).await;
    assert!(!two.there.engine().settings().login.multiple_logins);
    two.there.mend_storage();
    two.here.advance(Duration::from_millis(500)).await;
    until(async || two.there.engine().settings().login.multiple_logins).await;
}

#[tokio::test]
async fn two_servers_that_make_one_column_at_once_make_it_once() {
    let dynamic = TestKit::bare().setting("schema.dynamic", true);
    let two = Two::start(dynamic, Hearing::Everything).await;
    let here = two.here.user("ann@example.com").await;
    let there = two.there(&here);
    for round in 0..10 {
        let column = format!("column{round}");
        let save = async |client: &vestibule_testkit::TestClient<'_>| {
            let note = Properties::from([(column.clone(), Value::from("text"))]);
            client.submit(Create::new("Note", note)).await.unwrap();
        };
        tokio::join!(save(&here), save(&there));
    }
    for kit in [&two.here, &two.there] {
        let catalogue = kit.engine().catalogue().await.unwrap();
        let columns = &catalogue.table("Note").unwrap().columns;
        let made = columns
            .iter()
            .filter(|column| column.name.starts_with("column"));
        assert_eq!(10, made.count());
    }
}
