//! Timers whose numbers are large, whose servers disagree, and whose operators are in a hurry.

use std::{sync::Arc, time::Duration};

use vestibule::prelude::*;
use vestibule_core::{Engine, Handler};
use vestibule_model::{SeededRandomness, Timestamp};
use vestibule_storage::Storage;
use vestibule_testkit::TestKit;

use crate::timers::{DAY, HOUR, MINUTE, hourly, note, runs, seconds, the_timer};

#[timer(every = "366d", jitter = "365d", collect = false)]
async fn yearly(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[timer(every = "1s", timeout = "10m", collect = false)]
async fn each_second(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[timer(cron = "0 3 29 2 *", collect = false)]
async fn on_leap_days(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[timer(every = "1h", overlap = "wait", timeout = "10m", collect = false)]
async fn gated(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    ctx.state::<Gate>().0.notified().await;
    Ok(())
}

#[timer(every = "1h", collect = false)]
async fn wordy(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Err(Error::internal(format!("a\nb {}", "x".repeat(1_000_000))))
}

/// Lets a run go on.
#[derive(Default)]
struct Gate(tokio::sync::Notify);

async fn server<H: Handler>(kit: &TestKit) -> Engine {
    let builder = Engine::builder(Arc::clone(kit.storage()) as Arc<dyn Storage>)
        .clock(Arc::new(kit.clock().clone()))
        .randomness(Arc::new(SeededRandomness::new(78)))
        .registration(H::REGISTRATION);
    let (engine, _) = builder.start().await.unwrap();
    engine.timers_idle().await;
    engine
}

#[tokio::test]
async fn ticks_of_years_are_counted_exactly() {
    let mut kit = TestKit::with::<yearly>().start().await;
    let mut last = 0;
    for _ in 0..12 {
        kit = kit.restart(DAY * 500).await;
        kit.advance(MINUTE).await;
        for ran in runs(kit.engine()) {
            let due = ran.due.unwrap();
            let ticks = (due - last) / (366 * 86_400);
            assert_eq!(0, due % (366 * 86_400), "{ran:?}");
            assert_eq!(ticks as u64, ran.missed + 1, "{ran:?} after {last}");
            last = due;
        }
    }
    assert!(last >= 14 * 366 * 86_400, "{last}");
}

#[tokio::test]
async fn seconds_of_a_thousand_years_are_made_up_for_by_one_run() {
    let kit = TestKit::with::<each_second>().start().await;
    let years = DAY * 365 * 1000;
    let kit = kit.restart(years).await;
    kit.advance(Duration::from_millis(100)).await;
    let ran = runs(kit.engine());
    assert_eq!(1, ran.len(), "{ran:?}");
    assert_eq!(years.as_secs() - 1, ran[0].missed);
    let state = the_timer(kit.engine()).await.state;
    assert_eq!(Some(years.as_secs() as i64 + 1), state.due.map(seconds));
}

#[tokio::test]
async fn a_crontab_of_leap_days_counts_those_of_a_millennium_in_no_time() {
    let kit = TestKit::with::<on_leap_days>().start().await;
    let kit = kit.restart(DAY * 365 * 1000).await;
    kit.advance(MINUTE).await;
    let ran = runs(kit.engine());
    assert_eq!(1, ran.len(), "{ran:?}");
    assert!((240..=245).contains(&ran[0].missed), "{ran:?}");
}

#[tokio::test]
async fn at_the_end_of_the_calendar_there_are_no_more_ticks_and_no_panic() {
    let kit = TestKit::with::<yearly>()
        .and::<on_leap_days>()
        .start()
        .await;
    // 9999-12-31T23:59:59Z, the last second that a date of RFC 3339 can write.
    kit.clock()
        .jump_to(Timestamp::from_millis(253_402_300_799_000));
    kit.advance(HOUR).await;
    for timer in kit.engine().timers().await.unwrap() {
        assert_eq!(None, timer.state.lease, "{timer:?}");
    }
    kit.anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn of_two_operators_who_run_a_timer_on_two_servers_one_may() {
    let kit = TestKit::with::<gated>().start().await;
    let other = server::<gated>(&kit).await;
    let path = the_timer(&other).await.meta.path;
    let (here, there) = tokio::join!(kit.engine().run_timer(path), other.run_timer(path));
    assert!(here.is_ok() != there.is_ok(), "{here:?} {there:?}");
    let refused = here.err().or(there.err()).unwrap();
    assert_eq!(8008, refused.code().number(), "{refused:?}");
    tokio::task::yield_now().await;
    assert_eq!(1, runs(kit.engine()).len() + runs(&other).len());
    kit.state::<Gate>().0.notify_one();
    other.state::<Gate>().0.notify_one();
    kit.engine().timers_idle().await;
    other.timers_idle().await;
}

#[tokio::test]
async fn a_timer_that_one_server_switched_off_has_no_tick_on_another() {
    let kit = TestKit::bare().start().await;
    let first = server::<hourly>(&kit).await;
    let second = server::<hourly>(&kit).await;
    let pass = async |minutes: u32| {
        for _ in 0..minutes {
            kit.advance(MINUTE).await;
            first.timers_idle().await;
            second.timers_idle().await;
        }
    };
    pass(59).await;
    let path = the_timer(&second).await.meta.path;
    first.enable_timer(path, false).await.unwrap();
    pass(120).await;
    assert_eq!((0, 0), (runs(&first).len(), runs(&second).len()));
    // Both take it up again when one of them switches it on; the tick is counted from then.
    first.enable_timer(path, true).await.unwrap();
    let from = seconds(kit.engine().now());
    pass(70).await;
    let ran = [runs(&first), runs(&second)].concat();
    let due: Vec<_> = ran.iter().map(|ran| ran.due).collect();
    assert_eq!(vec![Some(from + 3600)], due);
}

#[tokio::test]
async fn what_a_timer_fails_with_is_kept_in_a_few_words() {
    let kit = TestKit::with::<wordy>().start().await;
    kit.advance(HOUR + MINUTE).await;
    let last_run = the_timer(kit.engine()).await.state.last_run.unwrap();
    let error = last_run.error.unwrap();
    assert!(error.starts_with('a') && error.contains('b'), "{error:.80}");
    assert!(error.len() <= 10_000, "{}", error.len());
}

#[tokio::test]
async fn a_timer_that_is_run_while_the_server_goes_down_is_refused() {
    let kit = TestKit::with::<gated>().start().await;
    let path = the_timer(kit.engine()).await.meta.path;
    kit.engine().shut_down().await;
    let refused = kit.engine().run_timer(path).await;
    assert!(refused.is_err());
    assert_eq!(0, runs(kit.engine()).len());
}
