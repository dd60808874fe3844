//! What the operator does about timers: look, run now, switch off and on.

use tokio::sync::Notify;
use vestibule::prelude::*;
use vestibule_model::Actor;
use vestibule_testkit::TestKit;

use crate::timers::{HOUR, MINUTE, Ran, hourly, note, runs, seconds, the_timer};

const HOURLY: &str = "it::timers::hourly";

/// Lets a run go on that waits for a test.
#[derive(Default)]
struct Gate(Notify);

#[timer(every = "1h", timeout = "10m", collect = false)]
async fn waits(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    ctx.state::<Gate>().0.notified().await;
    Ok(())
}

/// What the operator did, the latest first.
async fn deeds(kit: &TestKit) -> Vec<String> {
    let records = kit.engine().audit_trail(0, 10).await.unwrap();
    let about_timers = records
        .into_iter()
        .filter(|record| record.actor == Actor::Admin && record.action.contains("Timer "));
    about_timers.map(|record| record.action).collect()
}

#[tokio::test]
async fn a_timer_runs_when_the_operator_wants_it_and_its_ticks_stay() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(MINUTE * 10).await;
    kit.run_timer(HOURLY).await.unwrap();
    let by_hand = Ran {
        due: None,
        at: 600,
        missed: 0,
    };
    assert_eq!(vec![by_hand], runs(kit.engine()));
    assert_eq!(vec![format!("runTimer {HOURLY}")], deeds(&kit).await);
    kit.advance(MINUTE * 50).await;
    assert_eq!(vec![Ran::at(3600)], runs(kit.engine()));
}

#[tokio::test]
async fn a_timer_that_runs_is_not_run_again_beside_it() {
    let kit = TestKit::with::<waits>().start().await;
    let path = concat!(module_path!(), "::waits");
    let begun = kit.engine().run_timer(path).await.unwrap();
    assert!(begun.state.lease.is_some());
    let refused = kit.engine().run_timer(path).await.unwrap_err();
    assert_eq!(ErrorCode::InvalidParameter, refused.code());
    assert!(refused.message().contains("is running"), "{refused}");
    kit.state::<Gate>().0.notify_one();
    kit.engine().timers_idle().await;
    assert_eq!(1, runs(kit.engine()).len());
    assert_eq!(
        vec![format!("runTimer {path}")],
        deeds(&kit).await,
        "and not of the refusal"
    );
}

#[tokio::test]
async fn a_timer_that_is_off_has_no_ticks_and_can_be_run_by_hand() {
    let kit = TestKit::with::<hourly>().start().await;
    let off = kit.engine().enable_timer(HOURLY, false).await.unwrap();
    assert_eq!((false, None), (off.state.enabled, off.state.due));
    kit.advance(HOUR * 2).await;
    let kit = kit.restart(HOUR).await;
    kit.advance(HOUR).await;
    assert_eq!(Vec::<Ran>::new(), runs(kit.engine()));
    kit.run_timer(HOURLY).await.unwrap();
    assert_eq!(1, runs(kit.engine()).len());
}

#[tokio::test]
async fn a_timer_that_is_switched_on_again_counts_from_then() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.engine().enable_timer(HOURLY, false).await.unwrap();
    kit.advance(MINUTE * 150).await;
    let on = kit.engine().enable_timer(HOURLY, true).await.unwrap();
    assert_eq!(Some(210 * 60), on.state.due.map(seconds));
    kit.advance(HOUR).await;
    assert_eq!(vec![Ran::at(210 * 60)], runs(kit.engine()));
    assert_eq!(0, the_timer(kit.engine()).await.state.skipped);
}

#[tokio::test]
async fn what_changes_nothing_moves_no_tick_and_leaves_no_record() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(MINUTE * 10).await;
    let on = kit.engine().enable_timer(HOURLY, true).await.unwrap();
    assert_eq!(Some(3600), on.state.due.map(seconds));
    for enabled in [false, false, true, true] {
        kit.engine().enable_timer(HOURLY, enabled).await.unwrap();
    }
    let expected = [
        format!("enableTimer {HOURLY}"),
        format!("disableTimer {HOURLY}"),
    ];
    assert_eq!(expected.to_vec(), deeds(&kit).await);
}

#[tokio::test]
async fn a_timer_that_there_is_not_is_refused_with_those_that_there_are() {
    let kit = TestKit::with::<hourly>().start().await;
    let run = kit.engine().run_timer("shop::hourly").await.unwrap_err();
    let switched = kit.engine().enable_timer("shop::hourly", false).await;
    for error in [run, switched.unwrap_err()] {
        assert_eq!(ErrorCode::InvalidParameter, error.code());
        assert!(error.message().contains(HOURLY), "{error}");
    }
}
