//! What a run of a timer is: a call of the server's own, with handlers, a deadline and an end.

use std::{sync::Mutex, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::{Ending, prelude::*};
use vestibule_model::{Actor, TimerState};
use vestibule_testkit::TestKit;

use crate::timers::{HOUR, MINUTE, Ran, hourly, runs, the_timer};

const HOURLY: &str = "it::timers::hourly";

async fn state(kit: &TestKit) -> TimerState {
    the_timer(kit.engine()).await.state
}

/// Why the last run failed.
async fn failure(kit: &TestKit) -> String {
    let state = state(kit).await;
    assert_eq!((None, 1, 1), (state.lease, state.runs, state.failures));
    state.last_run.unwrap().error.unwrap()
}

#[timer(every = "1h", collect = false)]
async fn panics(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    panic!("as it was told");
}

#[timer(every = "1h", collect = false)]
async fn breaks(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Err(Error::internal("the printer is on fire"))
}

#[timer(every = "1h", collect = false)]
async fn never_ends(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    std::future::pending().await
}

#[tokio::test]
async fn a_timer_that_panics_has_failed_and_runs_again_at_its_next_tick() {
    let kit = TestKit::with::<panics>().start().await;
    kit.advance(HOUR).await;
    let error = failure(&kit).await;
    assert!(error.contains("panics panicked: as it was told"), "{error}");
    kit.advance(HOUR).await;
    let state = state(&kit).await;
    assert_eq!((2, 2), (state.runs, state.failures));
}

#[tokio::test]
async fn an_error_of_a_timer_is_kept_in_the_words_of_the_log() {
    let kit = TestKit::with::<breaks>().start().await;
    kit.advance(HOUR).await;
    assert_eq!("the printer is on fire", failure(&kit).await);
    let path = concat!(module_path!(), "::breaks");
    let error = kit.run_timer(path).await.unwrap_err();
    assert_eq!("the printer is on fire", error.log());
}

#[tokio::test]
async fn a_timer_that_never_ends_is_stopped_in_its_time_and_named() {
    let kit = TestKit::with::<never_ends>().start().await;
    kit.advance(HOUR).await;
    assert!(state(&kit).await.lease.is_some(), "it runs");
    kit.advance(MINUTE * 2).await;
    let error = failure(&kit).await;
    let expected = "timers_runs::never_ends did not finish in 60s";
    assert!(error.contains(expected), "{error}");
}

#[before(collect = false, timeout = "10m")]
async fn hold_up(_event: &mut RunTimer, _ctx: &Context) -> Result<Flow<RunTimer>> {
    std::future::pending().await
}

#[tokio::test]
async fn handlers_around_a_timer_do_not_hold_it_up_for_good() {
    let kit = TestKit::with::<hourly>().and::<hold_up>().start().await;
    kit.advance(HOUR + MINUTE * 2).await;
    let error = failure(&kit).await;
    assert!(error.contains("did not end within 80s"), "{error}");
    assert_eq!(Vec::<Ran>::new(), runs(kit.engine()));
}

#[tokio::test]
async fn a_run_that_goes_on_when_the_server_goes_down_is_stopped_after_a_while() {
    let kit = TestKit::with::<never_ends>().start().await;
    kit.advance(HOUR).await;
    let clock = kit.clock().clone();
    let time_passes = async {
        loop {
            clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    let kit = tokio::select! {
        kit = kit.restart(Duration::ZERO) => kit,
        () = time_passes => unreachable!("time does not end"),
    };
    let error = failure(&kit).await;
    assert!(error.contains("the server went down"), "{error}");
}

#[timer(every = "1h", collect = false)]
async fn yields_and_notes(tick: RunTimer, ctx: &Context) -> Result<()> {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    crate::timers::note(&tick, ctx);
    Ok(())
}

#[tokio::test]
async fn a_run_that_ends_soon_is_finished_when_the_server_goes_down() {
    let kit = TestKit::with::<yields_and_notes>().start().await;
    let path = concat!(module_path!(), "::yields_and_notes");
    kit.engine().run_timer(path).await.unwrap();
    kit.engine().shut_down().await;
    assert_eq!(1, runs(kit.engine()).len());
    let kit = kit.restart(Duration::ZERO).await;
    let state = state(&kit).await;
    assert_eq!((1, 0, None), (state.runs, state.failures, state.lease));
}

/// Whether the app is being looked after.
#[derive(Default)]
struct Maintenance(Mutex<bool>);

#[before(collect = false)]
async fn not_now(_event: &mut RunTimer, ctx: &Context) -> Result<Flow<RunTimer>> {
    if *ctx.state::<Maintenance>().0.lock().unwrap() {
        return Err(Error::refused(1).saying("the app is being looked after"));
    }
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_before_handler_may_refuse_a_run() {
    let kit = TestKit::with::<hourly>().and::<not_now>().start().await;
    *kit.state::<Maintenance>().0.lock().unwrap() = true;
    kit.advance(HOUR).await;
    assert_eq!("the app is being looked after", failure(&kit).await);
    *kit.state::<Maintenance>().0.lock().unwrap() = false;
    kit.advance(HOUR).await;
    assert_eq!(vec![Ran::at(7200)], runs(kit.engine()));
}

#[derive(Default)]
struct Sightings(Mutex<Vec<(Json, Ending, Vec<String>)>>);

#[observe(collect = false)]
async fn look(seen: &SeenAny, witness: &Witness) -> Result<()> {
    if seen.event == "runTimer" {
        let roles = seen.call.role_names().map(str::to_owned).collect();
        let sighting = (seen.input.to_json(), seen.ending, roles);
        witness
            .state::<Sightings>()
            .0
            .lock()
            .unwrap()
            .push(sighting);
    }
    Ok(())
}

#[tokio::test]
async fn observers_see_a_run_as_a_call_of_the_server() {
    let kit = TestKit::with::<hourly>().and::<look>().start().await;
    kit.advance(HOUR).await;
    kit.run_timer(HOURLY).await.unwrap();
    let sightings = std::mem::take(&mut *kit.state::<Sightings>().0.lock().unwrap());
    let seen = |due: Json| {
        let input = json!({ "timer": HOURLY, "due": due, "missed": 0 });
        (input, Ending::Performed, vec!["ServerCodeUser".to_owned()])
    };
    let due = json!(1_767_225_600_000_i64 + 3_600_000);
    assert_eq!(vec![seen(due), seen(Json::Null)], sightings);
    let counted = kit.engine().statistics().calls;
    assert!(counted.contains(&("runTimer", "performed", 2)));
}

#[timer(every = "1h", collect = false)]
async fn logs_a_guest_in(_tick: RunTimer, ctx: &Context) -> Result<()> {
    let guest = ctx.cloud().login_as_guest().await?;
    ctx.cloud().login_by_object_id(guest.user.id()).await?;
    Ok(())
}

#[tokio::test]
async fn a_timer_has_the_power_of_cloud_code_and_is_named_in_the_audit_trail() {
    let kit = TestKit::with::<logs_a_guest_in>().start().await;
    kit.advance(HOUR).await;
    assert_eq!(0, state(&kit).await.failures);
    let audit = kit.engine().audit_trail(0, 10).await.unwrap();
    let login = audit
        .iter()
        .find(|record| record.action == "loginByObjectId");
    let actor = Actor::Handler(concat!(module_path!(), "::logs_a_guest_in").to_owned());
    assert_eq!(actor, login.unwrap().actor);
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = server)]
struct First {
    goes_on: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(access = server)]
struct Second {}

/// How often the first event was answered.
#[derive(Default)]
struct Answered(Mutex<u32>);

#[answer(collect = false)]
async fn first(event: First, ctx: &Context) -> Result<()> {
    *ctx.state::<Answered>().0.lock().unwrap() += 1;
    if event.goes_on {
        ctx.cloud().dispatch(Second {}).await?;
    }
    Ok(())
}

#[answer(collect = false)]
async fn second(_event: Second, ctx: &Context) -> Result<()> {
    ctx.cloud().dispatch(First { goes_on: false }).await
}

#[timer(every = "1h", collect = false)]
async fn dispatches(_tick: RunTimer, ctx: &Context) -> Result<()> {
    ctx.after_commit(First { goes_on: false })?;
    ctx.cloud().dispatch(First { goes_on: false }).await
}

#[timer(every = "1h", collect = false)]
async fn loops(_tick: RunTimer, ctx: &Context) -> Result<()> {
    ctx.cloud().dispatch(First { goes_on: true }).await
}

#[tokio::test]
async fn a_timer_runs_events_and_has_effects() {
    let kit = TestKit::with::<dispatches>().and::<first>().start().await;
    kit.advance(HOUR).await;
    kit.settled().await;
    assert_eq!(0, state(&kit).await.failures);
    assert_eq!(2, *kit.state::<Answered>().0.lock().unwrap());
}

#[tokio::test]
async fn a_loop_of_events_that_a_timer_began_is_refused_with_its_chain() {
    let kit = TestKit::with::<loops>()
        .and::<first>()
        .and::<second>()
        .start()
        .await;
    kit.advance(HOUR).await;
    let error = failure(&kit).await;
    let chain = concat!(
        "runTimer of ",
        module_path!(),
        "::loops > first > second > first"
    );
    assert!(error.contains(chain), "{error}");
}
