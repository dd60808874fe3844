//! Ticks that come while the timer still runs, while no server does, or by a clock that jumps.

use std::time::Duration;

use tokio::sync::Notify;
use vestibule::prelude::*;
use vestibule_model::Timestamp;
use vestibule_testkit::TestKit;

use crate::{
    timers::{DAY, HOUR, MINUTE, Ran, hourly, note, runs, seconds, the_timer},
    waiting::until,
};

/// Lets a run go on that waits for a test.
#[derive(Default)]
struct Gate(Notify);

#[timer(every = "1m", timeout = "10m", collect = false)]
async fn slow(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    ctx.state::<Gate>().0.notified().await;
    Ok(())
}

#[timer(
    every = "1m",
    timeout = "10m",
    overlap = "wait",
    missed = "skip",
    collect = false
)]
async fn slow_and_patient(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    ctx.state::<Gate>().0.notified().await;
    Ok(())
}

/// Lets the run end that waits, and what comes of that begin.
async fn open(kit: &TestKit) {
    let before = the_timer(kit.engine()).await.state.runs;
    kit.state::<Gate>().0.notify_one();
    for _ in 0..100_000 {
        if the_timer(kit.engine()).await.state.runs > before {
            break;
        }
        tokio::task::yield_now().await;
    }
    kit.engine().ticks_taken().await;
}

#[tokio::test]
async fn ticks_that_find_the_timer_running_are_skipped_and_counted() {
    let kit = TestKit::with::<slow>().start().await;
    kit.advance(MINUTE * 3 + Duration::from_secs(30)).await;
    open(&kit).await;
    kit.advance(MINUTE).await;
    open(&kit).await;
    kit.engine().timers_idle().await;
    assert_eq!(vec![Ran::at(60), Ran::at(240)], runs(kit.engine()));
    let state = the_timer(kit.engine()).await.state;
    assert_eq!((2, 0, 2), (state.runs, state.failures, state.skipped));
}

#[tokio::test]
async fn ticks_that_wait_for_the_timer_run_it_once_as_soon_as_they_may() {
    let kit = TestKit::with::<slow_and_patient>().start().await;
    kit.advance(MINUTE * 3 + Duration::from_secs(30)).await;
    open(&kit).await;
    until("the waiting ticks run it", || {
        kit.engine().statistics().calls_running > 0
    })
    .await;
    open(&kit).await;
    kit.engine().timers_idle().await;
    let waited = Ran {
        due: Some(180),
        at: 210,
        missed: 1,
    };
    assert_eq!(vec![Ran::at(60), waited], runs(kit.engine()));
    let state = the_timer(kit.engine()).await.state;
    assert_eq!(
        (2, 0, Some(240)),
        (state.runs, state.skipped, state.due.map(seconds))
    );
}

#[timer(every = "1h", missed = "skip", collect = false)]
async fn hourly_or_not(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[tokio::test]
async fn ticks_that_came_while_no_server_ran_run_the_timer_once() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(MINUTE * 30).await;
    let kit = kit.restart(HOUR * 5).await;
    kit.advance(HOUR).await;
    let made_up = Ran {
        due: Some(5 * 3600),
        at: 5 * 3600 + 1800,
        missed: 4,
    };
    assert_eq!(vec![made_up, Ran::at(6 * 3600)], runs(kit.engine()));
    assert_eq!(0, the_timer(kit.engine()).await.state.skipped);
}

#[tokio::test]
async fn ticks_that_came_while_no_server_ran_are_skipped_where_that_is_wanted() {
    let kit = TestKit::with::<hourly_or_not>().start().await;
    kit.advance(MINUTE * 30).await;
    let kit = kit.restart(HOUR * 5).await;
    kit.advance(HOUR).await;
    assert_eq!(vec![Ran::at(6 * 3600)], runs(kit.engine()));
    assert_eq!(5, the_timer(kit.engine()).await.state.skipped);
}

#[tokio::test]
async fn a_tick_that_is_late_by_less_than_a_minute_was_not_missed() {
    let kit = TestKit::with::<hourly_or_not>().start().await;
    kit.advance(MINUTE * 59 + Duration::from_secs(30)).await;
    let kit = kit.restart(MINUTE).await;
    kit.advance(Duration::from_secs(1)).await;
    let ran = runs(kit.engine());
    assert_eq!(
        vec![Some(3600)],
        ran.iter().map(|ran| ran.due).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_clock_that_jumps_forwards_runs_what_it_has_passed_once() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(MINUTE).await;
    kit.clock().jump_to(kit.engine().now().plus(HOUR * 3));
    kit.advance(MINUTE).await;
    let ran = runs(kit.engine());
    assert_eq!(1, ran.len(), "{ran:?}");
    assert_eq!((Some(3 * 3600), 2), (ran[0].due, ran[0].missed));
    kit.advance(HOUR).await;
    assert_eq!(vec![Ran::at(4 * 3600)], runs(kit.engine()));
}

#[tokio::test]
async fn a_clock_that_is_put_back_a_little_runs_no_tick_twice() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(HOUR).await;
    let half_past_twelve = Timestamp::from_millis(kit.engine().now().as_millis() - 1_800_000);
    kit.clock().jump_to(half_past_twelve);
    kit.advance(HOUR * 2).await;
    assert_eq!(vec![Ran::at(3600), Ran::at(7200)], runs(kit.engine()));
}

#[tokio::test]
async fn a_clock_that_is_put_back_by_days_does_not_stop_a_timer() {
    let kit = TestKit::with::<hourly>().start().await;
    let now = kit.engine().now();
    kit.clock().jump_to(now.plus(DAY * 400));
    kit.advance(MINUTE * 2).await;
    assert_eq!(1, runs(kit.engine()).len());
    kit.clock().jump_to(now);
    kit.advance(HOUR + MINUTE * 2).await;
    let ran = runs(kit.engine());
    assert_eq!(1, ran.len(), "{ran:?}");
    assert!(ran[0].at <= 3600 + 60, "{ran:?}");
}
