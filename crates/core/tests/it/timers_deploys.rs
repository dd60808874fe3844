//! Timers while servers come and go: several that start at once, an old and a new version of the program
//! beside each other, clocks that differ, and a database that does not say what it did.

use std::{sync::Arc, time::Duration};

use vestibule::prelude::*;
use vestibule_core::{Engine, Meta, OnFailure, Phase, Registration, Rule, Schedule};
use vestibule_model::{Clock, ManualClock};
use vestibule_testkit::{Change, Neighbourhood, Outage, TestKit};

use crate::timers::{HOUR, MINUTE, Ran, hourly, note, runs, seconds, the_timer};

const SECOND: Duration = Duration::from_secs(1);

struct Noted;

#[async_trait::async_trait]
impl vestibule_core::Answers<RunTimer> for Noted {
    async fn answer(&self, tick: RunTimer, ctx: &Context) -> Result<()> {
        note(&tick, ctx);
        Ok(())
    }
}

const META: Meta = Meta {
    path: "shop::report",
    phase: Phase::Timer,
    table: None,
    order: 0,
    runs_before: &[],
    runs_after: &[],
    timeout: vestibule_core::DEFAULT_TIMER_TIMEOUT,
    on_failure: OnFailure::Closed,
    disable_after: None,
    file: "src/lib.rs",
    line: 7,
};

/// One timer, as the old version of the program has it and as the new one does.
const OLD: Registration = Registration::new(META, |registry, meta| {
    registry.timer(
        meta,
        Schedule::new(Rule::Every(MINUTE.saturating_mul(10))),
        Noted,
    );
});
const NEW: Registration = Registration::new(META, |registry, meta| {
    registry.timer(meta, Schedule::new(Rule::Every(HOUR)), Noted);
});

async fn server(shared: &Neighbourhood, clock: &ManualClock, timer: Registration) -> Engine {
    let builder = Engine::builder(shared.server(clock))
        .clock(Arc::new(clock.clone()))
        .registration(timer);
    builder.start().await.unwrap().0
}

/// A database, and a clock that shows what those of kits do.
async fn nobody_started() -> (Neighbourhood, ManualClock) {
    let kit = TestKit::bare().start().await;
    (Neighbourhood::new(), ManualClock::at(kit.engine().now()))
}

/// Lets time pass for all of these servers. Each gets its turn at every second.
async fn pass(clock: &ManualClock, servers: &[&Engine], duration: Duration) {
    for _ in 0..duration.as_secs() {
        clock.advance(SECOND);
        for server in servers {
            server.ticks_taken().await;
            server.timers_idle().await;
        }
    }
}

/// The ticks that these servers ran, in their order.
fn ticks(servers: &[&Engine]) -> Vec<i64> {
    let ran = servers.iter().flat_map(|server| runs(server));
    let mut ticks: Vec<_> = ran.map(|ran| ran.due.unwrap()).collect();
    ticks.sort_unstable();
    ticks
}

#[tokio::test]
async fn several_servers_that_start_at_once_schedule_a_timer_once() {
    let (shared, clock) = nobody_started().await;
    let start = || server(&shared, &clock, NEW);
    let (first, second, third) = tokio::join!(start(), start(), start());
    let servers = [&first, &second, &third];
    pass(&clock, &servers, HOUR * 3).await;
    assert_eq!(vec![3600, 7200, 10_800], ticks(&servers));
    let state = the_timer(&first).await.state;
    assert_eq!((3, 0, 0), (state.runs, state.failures, state.skipped));
}

#[tokio::test]
async fn while_a_new_version_is_rolled_out_its_schedule_counts_alone() {
    let (shared, clock) = nobody_started().await;
    let old = server(&shared, &clock, OLD).await;
    pass(&clock, &[&old], MINUTE * 15).await;
    assert_eq!(vec![600], ticks(&[&old]));
    let new = server(&shared, &clock, NEW).await;
    pass(&clock, &[&old, &new], HOUR * 3).await;
    assert_eq!(Vec::<i64>::new(), ticks(&[&old]));
    assert_eq!(vec![4500, 8100, 11_700], ticks(&[&new]));
}

#[tokio::test]
async fn when_the_new_version_is_gone_the_old_one_goes_on_with_its_own_schedule() {
    let (shared, clock) = nobody_started().await;
    let old = server(&shared, &clock, OLD).await;
    let new = server(&shared, &clock, NEW).await;
    new.ticks_taken().await;
    drop(new);
    pass(&clock, &[&old], HOUR + MINUTE * 25).await;
    let ran = runs(&old);
    let ticks: Vec<_> = ran.iter().map(|ran| ran.due.unwrap()).collect();
    assert_eq!(vec![3600, 4200, 4800], ticks);
    assert_eq!((3660, 4200), (ran[0].at, ran[1].at));
    let state = the_timer(&old).await.state;
    assert_eq!(("every 10m", 0), (state.schedule.as_str(), state.skipped));
}

#[tokio::test]
async fn no_tick_is_run_twice_or_forgotten_while_servers_come_and_go() {
    let (shared, clock) = nobody_started().await;
    let mut old = server(&shared, &clock, OLD).await;
    let mut ran = Vec::new();
    for _ in 0..12 {
        let new = server(&shared, &clock, OLD).await;
        pass(&clock, &[&old, &new], MINUTE * 7).await;
        // Not only let go: as long as anything is under way, it would go on to take ticks.
        old.shut_down().await;
        ran.extend(ticks(&[&old]));
        old = new;
        pass(&clock, &[&old], MINUTE).await;
    }
    ran.extend(ticks(&[&old]));
    ran.sort_unstable();
    let expected: Vec<_> = (1..=96 / 10).map(|tick| tick * 600).collect();
    assert_eq!(expected, ran);
}

#[tokio::test]
async fn a_tick_is_run_once_by_servers_whose_clocks_differ() {
    let (shared, clock) = nobody_started().await;
    let ahead = ManualClock::at(clock.now().plus(SECOND * 30));
    let first = server(&shared, &clock, NEW).await;
    let second = server(&shared, &ahead, NEW).await;
    let servers = [&first, &second];
    for _ in 0..3 * 3600 {
        ahead.advance(SECOND);
        pass(&clock, &servers, SECOND).await;
    }
    assert_eq!(vec![3600, 7200, 10_800], ticks(&servers));
}

#[tokio::test]
async fn a_timer_that_was_switched_on_elsewhere_is_run_here_when_that_server_dies() {
    let (shared, clock) = nobody_started().await;
    let here = server(&shared, &clock, OLD).await;
    here.enable_timer(META.path, false).await.unwrap();
    pass(&clock, &[&here], MINUTE * 5).await;
    let there = server(&shared, &clock, OLD).await;
    there.enable_timer(META.path, true).await.unwrap();
    drop(there);
    pass(&clock, &[&here], MINUTE * 11).await;
    assert_eq!(vec![Ran::at(900)], runs(&here));
}

fn begins(change: &Change) -> bool {
    matches!(change, Change::BeginTimer { .. })
}

#[tokio::test]
async fn a_tick_whose_taking_the_database_did_not_answer_runs_all_the_same() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(MINUTE * 59).await;
    kit.break_storage(Outage::of_writes_with(begins).unanswered().times(1));
    kit.advance(MINUTE + SECOND * 5).await;
    assert_eq!(1, kit.storage_failures());
    let due: Vec<_> = runs(kit.engine()).iter().map(|ran| ran.due).collect();
    assert_eq!(vec![Some(3600)], due);
    let state = the_timer(kit.engine()).await.state;
    assert_eq!((1, 0, None), (state.runs, state.failures, state.lease));
    assert_eq!(Some(7200), state.due.map(seconds));
}

#[tokio::test]
async fn so_does_one_whose_time_has_nearly_run_out_until_the_database_answers() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(MINUTE * 59).await;
    kit.break_storage(Outage::of_writes_with(begins).unanswered().times(1));
    while kit.storage_failures() == 0 {
        kit.advance(SECOND).await;
    }
    kit.break_storage(Outage::of_everything());
    kit.advance(SECOND * 40).await;
    assert_eq!(Vec::<Ran>::new(), runs(kit.engine()));
    kit.mend_storage();
    kit.advance(SECOND * 5).await;
    let due: Vec<_> = runs(kit.engine()).iter().map(|ran| ran.due).collect();
    assert_eq!(vec![Some(3600)], due);
    let state = the_timer(kit.engine()).await.state;
    assert_eq!((2, 1, None), (state.runs, state.failures, state.lease));
}

#[tokio::test]
async fn a_run_by_hand_that_the_database_did_not_answer_does_not_block_its_timer() {
    let kit = TestKit::with::<hourly>().start().await;
    let path = the_timer(kit.engine()).await.meta.path;
    kit.break_storage(Outage::of_writes_with(begins).unanswered().times(1));
    let refused = kit.engine().run_timer(path).await.unwrap_err();
    assert_eq!(Some(503), refused.chosen_status());
    let is_blocked = async || the_timer(kit.engine()).await.state.lease.is_some();
    assert!(is_blocked().await);
    kit.advance(SECOND * 5).await;
    crate::neighbours::until(async || !is_blocked().await).await;
    assert_eq!(Vec::<Ran>::new(), runs(kit.engine()));
    kit.run_timer(path).await.unwrap();
}
