//! Several servers on one database, servers that die, and a database that does.

use std::{sync::Arc, time::Duration};

use vestibule::prelude::*;
use vestibule_core::{Engine, Handler};
use vestibule_model::{SeededRandomness, TimerLease, Timestamp};
use vestibule_storage::{Change, Storage};
use vestibule_testkit::{Outage, TestKit};

use crate::timers::{HOUR, MINUTE, Ran, hourly, note, runs, seconds, the_timer};

#[timer(every = "10m", jitter = "30s", collect = false)]
async fn jittery(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[timer(every = "1h", overlap = "wait", missed = "skip", collect = false)]
async fn patient(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

/// Another server on the same database, by the same clock.
async fn server<H: Handler>(kit: &TestKit, storage: Arc<dyn Storage>) -> Engine {
    let builder = Engine::builder(storage)
        .clock(Arc::new(kit.clock().clone()))
        .randomness(Arc::new(SeededRandomness::new(77)))
        .registration(H::REGISTRATION);
    let (engine, _) = builder.start().await.unwrap();
    engine
}

/// Lets time pass for this server as well as for that of the kit.
async fn advance(kit: &TestKit, other: &Engine, duration: Duration) {
    for _ in 0..duration.as_secs() {
        kit.advance(Duration::from_secs(1)).await;
        other.timers_idle().await;
    }
}

#[tokio::test]
async fn a_tick_runs_once_however_many_servers_there_are() {
    let kit = TestKit::with::<jittery>().start().await;
    let other = server::<jittery>(&kit, Arc::clone(kit.storage())).await;
    advance(&kit, &other, HOUR * 2).await;
    let (mut ran, here) = (runs(&other), runs(kit.engine()));
    ran.extend(here);
    ran.sort_by_key(|ran| ran.due);
    let due: Vec<_> = ran.iter().map(|ran| ran.due.unwrap()).collect();
    let ticks: Vec<_> = (1..12).map(|tick| tick * 600).collect();
    assert_eq!(ticks, due[..11]);
    assert!(ran.iter().all(|ran| ran.missed == 0));
    let state = the_timer(&other).await.state;
    assert_eq!(
        (ran.len() as u64, 0, 0),
        (state.runs, state.failures, state.skipped)
    );
}

#[tokio::test]
async fn a_server_goes_on_with_the_ticks_of_one_that_went_down() {
    let kit = TestKit::bare().start().await;
    let first = server::<hourly>(&kit, Arc::clone(kit.storage())).await;
    let second = server::<hourly>(&kit, Arc::clone(kit.storage())).await;
    first.timers_idle().await;
    drop(first);
    advance(&kit, &second, HOUR).await;
    assert_eq!(vec![Ran::at(3600)], runs(&second));
}

/// What a server leaves behind that dies while it runs a timer.
async fn die_while_running(kit: &TestKit, until: Timestamp) {
    let lease = TimerLease {
        holder: ObjectId::parse("00000000-0000-4000-8000-000000000000").unwrap(),
        since: kit.engine().now(),
        until,
    };
    let path = the_timer(kit.engine()).await.meta.path.to_owned();
    let begin = Change::BeginTimer { path, lease };
    kit.storage().apply(vec![begin]).await.unwrap();
}

#[tokio::test]
async fn a_server_that_dies_while_it_runs_a_timer_does_not_block_it_and_is_told_of() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(MINUTE * 59 + Duration::from_secs(30)).await;
    die_while_running(&kit, kit.engine().now().plus(MINUTE * 2)).await;
    kit.advance(HOUR + MINUTE).await;
    let state = the_timer(kit.engine()).await.state;
    assert_eq!(
        (2, 1, 1, None),
        (state.runs, state.failures, state.skipped, state.lease)
    );
    assert_eq!(vec![Ran::at(7200)], runs(kit.engine()));
}

#[tokio::test]
async fn a_run_whose_server_died_is_ended_though_no_tick_comes() {
    let kit = TestKit::with::<hourly>().start().await;
    die_while_running(&kit, kit.engine().now().plus(MINUTE * 2)).await;
    // The scheduler hears of it as of anything that other servers do.
    kit.advance(MINUTE * 15).await;
    let state = the_timer(kit.engine()).await.state;
    let last_run = state.last_run.unwrap();
    assert!(last_run.error.unwrap().contains("went away"));
    assert_eq!(0, seconds(last_run.began));
}

#[tokio::test]
async fn a_tick_that_waits_for_a_server_that_died_runs_when_its_time_is_over() {
    let kit = TestKit::with::<patient>().start().await;
    kit.advance(MINUTE * 59).await;
    die_while_running(&kit, kit.engine().now().plus(MINUTE * 5)).await;
    kit.advance(MINUTE * 10).await;
    let ran = runs(kit.engine());
    assert_eq!(
        vec![Some(3600)],
        ran.iter().map(|ran| ran.due).collect::<Vec<_>>()
    );
    assert!((3840..3850).contains(&ran[0].at), "{ran:?}");
}

#[tokio::test]
async fn a_clock_that_was_put_back_does_not_let_the_dead_keep_a_timer() {
    let kit = TestKit::with::<patient>().start().await;
    kit.advance(MINUTE * 59).await;
    die_while_running(&kit, kit.engine().now().plus(MINUTE * 5)).await;
    kit.advance(MINUTE * 2).await;
    let back = Timestamp::from_millis(kit.engine().now().as_millis() - 30 * 86_400_000);
    kit.clock().jump_to(back);
    kit.advance(HOUR * 2).await;
    assert_eq!(None, the_timer(kit.engine()).await.state.lease);
    assert!(!runs(kit.engine()).is_empty());
}

#[tokio::test]
async fn a_tick_that_comes_while_the_database_does_not_answer_runs_once_it_does() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(MINUTE * 59).await;
    kit.break_storage(Outage::of_everything());
    kit.advance(MINUTE + Duration::from_secs(20)).await;
    assert_eq!(Vec::<Ran>::new(), runs(kit.engine()));
    assert!(kit.storage_failures() > 0);
    kit.mend_storage();
    kit.advance(Duration::from_secs(5)).await;
    let due: Vec<_> = runs(kit.engine()).iter().map(|ran| ran.due).collect();
    assert_eq!(vec![Some(3600)], due);
}

/// Lets a test pull the plug while a timer runs.
#[derive(Default)]
struct Plug(tokio::sync::Notify);

#[timer(every = "1h", timeout = "10m", collect = false)]
async fn waits_for_the_plug(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    ctx.state::<Plug>().0.notified().await;
    Ok(())
}

#[tokio::test]
async fn the_end_of_a_run_is_stored_when_the_database_answers_again() {
    let kit = TestKit::with::<waits_for_the_plug>().start().await;
    let engine = kit.engine();
    let path = the_timer(engine).await.meta.path;
    engine.run_timer(path).await.unwrap();
    kit.break_storage(Outage::of_everything());
    kit.state::<Plug>().0.notify_one();
    kit.advance(Duration::from_secs(20)).await;
    kit.mend_storage();
    assert_eq!(0, the_timer(engine).await.state.runs);
    // Writing it takes real time, and the clock does not wait for it.
    for _ in 0..1_000 {
        kit.advance(Duration::from_secs(1)).await;
        if the_timer(engine).await.state.runs > 0 {
            break;
        }
    }
    let state = the_timer(engine).await.state;
    assert_eq!((1, 0, None), (state.runs, state.failures, state.lease));
}
