//! Timers run at their ticks: every so often, by a crontab, once; from a start on, until an expiry.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;
use vestibule_core::{
    Engine, HandlerConfig, ListedTimer, Meta, OnFailure, Phase, Registration, Registry, Rule,
    Schedule,
};
use vestibule_model::Timestamp;
use vestibule_testkit::TestKit;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

/// The runs of the timers of one engine.
#[derive(Default)]
pub(crate) struct Runs(Mutex<Vec<Ran>>);

/// One run: its tick and its moment in seconds since the kit's clock began, and what it stood for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) due: Option<i64>,
    pub(crate) at: i64,
    pub(crate) missed: u64,
}

impl Ran {
    /// A run at its tick.
    pub(crate) fn at(seconds: i64) -> Self {
        Self {
            due: Some(seconds),
            at: seconds,
            missed: 0,
        }
    }
}

/// Seconds since 2026 began, when the kit's clock does.
pub(crate) fn seconds(moment: Timestamp) -> i64 {
    (moment.as_millis() - 1_767_225_600_000).div_euclid(1000)
}

/// What a timer of these tests does: it notes that it ran.
pub(crate) fn note(tick: &RunTimer, ctx: &Context) {
    let ran = Ran {
        due: tick.due().map(seconds),
        at: seconds(ctx.now()),
        missed: tick.missed(),
    };
    ctx.state::<Runs>().0.lock().unwrap().push(ran);
}

/// The runs since this was asked last.
pub(crate) fn runs(engine: &Engine) -> Vec<Ran> {
    std::mem::take(&mut *engine.state::<Runs>().0.lock().unwrap())
}

/// The only timer of an engine.
pub(crate) async fn the_timer(engine: &Engine) -> ListedTimer {
    let mut timers = engine.timers().await.unwrap();
    assert_eq!(1, timers.len());
    timers.remove(0)
}

#[timer(every = "1h", collect = false)]
pub(crate) async fn hourly(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[timer(every = "1d", collect = false)]
async fn daily(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[timer(cron = "30 2 * * * Europe/Berlin", missed = "skip", collect = false)]
async fn in_the_night(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[timer(once = "2026-01-01T02:00:00Z", collect = false)]
async fn once(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[timer(
    every = "1h",
    start = "2026-01-01T00:30:00Z",
    expiry = "2026-01-01T02:30:00Z",
    collect = false
)]
async fn for_a_while(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[timer(every = "1h", jitter = "5m", collect = false)]
async fn about_hourly(tick: RunTimer, ctx: &Context) -> Result<()> {
    note(&tick, ctx);
    Ok(())
}

#[tokio::test]
async fn a_timer_runs_at_each_of_its_ticks_and_at_no_other_time() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(HOUR * 3 + MINUTE * 59).await;
    let expected = [3600, 7200, 10_800].map(Ran::at);
    assert_eq!(expected.to_vec(), runs(kit.engine()));
    kit.expect_calls([(concat!(module_path!(), "::hourly"), 3)]);
    let state = the_timer(kit.engine()).await.state;
    assert_eq!((3, 0, 0), (state.runs, state.failures, state.skipped));
    assert_eq!(Some(14_400), state.due.map(seconds));
    assert_eq!((None, "every 1h"), (state.lease, state.schedule.as_str()));
}

#[tokio::test]
async fn a_month_of_days_is_as_many_runs() {
    let kit = TestKit::with::<daily>().start().await;
    kit.advance(DAY * 31).await;
    assert_eq!(31, runs(kit.engine()).len());
}

#[tokio::test]
async fn a_restart_moves_no_tick() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(MINUTE * 50).await;
    let kit = kit.restart(MINUTE * 5).await;
    kit.advance(MINUTE * 10).await;
    assert_eq!(vec![Ran::at(3600)], runs(kit.engine()));
}

#[tokio::test]
async fn a_crontab_follows_the_clock_on_the_wall_when_that_is_put_forward() {
    let kit = TestKit::with::<in_the_night>().start().await;
    // To the day before the one on which 02:30 is left out in Berlin: 2026-03-29.
    let kit = kit.restart(DAY * 86).await;
    let midnight = seconds(kit.engine().now());
    kit.advance(DAY * 3).await;
    let due: Vec<_> = runs(kit.engine())
        .iter()
        .map(|ran| ran.due.unwrap() - midnight)
        .collect();
    let hours = |hours: i64| hours * 3600 + 1800;
    assert_eq!(vec![hours(1), hours(25), hours(48)], due);
}

#[tokio::test]
async fn a_timer_for_one_moment_runs_once() {
    let kit = TestKit::with::<once>().start().await;
    kit.advance(HOUR).await;
    let kit = kit.restart(Duration::ZERO).await;
    kit.advance(HOUR * 2).await;
    assert_eq!(vec![Ran::at(7200)], runs(kit.engine()));
    assert_eq!(None, the_timer(kit.engine()).await.state.due);
    let kit = kit.restart(DAY).await;
    kit.advance(DAY).await;
    assert_eq!(Vec::<Ran>::new(), runs(kit.engine()));
}

#[tokio::test]
async fn a_timer_runs_from_its_start_on_until_it_expires() {
    let kit = TestKit::with::<for_a_while>().start().await;
    kit.advance(HOUR * 5).await;
    assert_eq!(vec![Ran::at(1800), Ran::at(5400)], runs(kit.engine()));
    assert_eq!(None, the_timer(kit.engine()).await.state.due);
}

#[tokio::test]
async fn jitter_puts_ticks_off_by_different_times_and_none_drifts() {
    let kit = TestKit::with::<about_hourly>().start().await;
    kit.advance(HOUR * 10).await;
    let ran = runs(kit.engine());
    let due: Vec<_> = ran.iter().map(|ran| ran.due.unwrap()).collect();
    let hours: Vec<_> = (1..10).map(|hour| hour * 3600).collect();
    assert_eq!(hours, due[..9]);
    let delays: Vec<_> = ran.iter().map(|ran| ran.at - ran.due.unwrap()).collect();
    assert!(
        delays.iter().all(|delay| (0..=300).contains(delay)),
        "{delays:?}"
    );
    let (least, most) = (delays.iter().min(), delays.iter().max());
    assert_ne!(least, most);
}

/// The same timer with a schedule of the test's own.
fn hourly_as(schedule: Schedule) -> Registration {
    static SCHEDULE: Mutex<Option<Schedule>> = Mutex::new(None);
    struct Noted;
    #[async_trait::async_trait]
    impl vestibule_core::Answers<RunTimer> for Noted {
        async fn answer(&self, tick: RunTimer, ctx: &Context) -> Result<()> {
            note(&tick, ctx);
            Ok(())
        }
    }
    *SCHEDULE.lock().unwrap() = Some(schedule);
    let meta = Meta {
        path: "shop::hourly",
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
    Registration::new(meta, |registry, meta| {
        registry.timer(meta, SCHEDULE.lock().unwrap().unwrap(), Noted);
    })
}

#[test]
fn a_schedule_that_no_timer_can_have_stops_the_start_and_says_where() {
    let schedules = [
        (Rule::Cron("0 3 * *"), "no line of a crontab"),
        (Rule::Cron("0 0 31 2 *"), "never comes"),
        (Rule::Cron("0 0 1 1 * Mars/Base"), "no time zone"),
        (
            Rule::Every(Duration::from_millis(10)),
            "choose something from 1 second",
        ),
    ];
    for (rule, expected) in schedules {
        let registration = hourly_as(Schedule::new(rule));
        let error = Registry::of([registration], &HandlerConfig::default()).unwrap_err();
        let text = error.to_string();
        let place = "the timer shop::hourly at src/lib.rs:7 cannot run";
        assert!(text.starts_with(place) && text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn another_schedule_counts_from_the_start_that_brings_it() {
    let kit = TestKit::with::<hourly>().start().await;
    kit.advance(MINUTE * 30).await;
    let storage = Arc::clone(kit.storage());
    let schedule = |minutes| Schedule::new(Rule::Every(MINUTE * minutes));
    for (minutes, due) in [(10, 2400), (10, 2400), (20, 3000)] {
        let engine = Engine::builder(Arc::clone(&storage))
            .clock(Arc::new(kit.clock().clone()))
            .registration(hourly_as(schedule(minutes)));
        let (engine, _) = engine.start().await.unwrap();
        let state = the_timer(&engine).await.state;
        assert_eq!(Some(due), state.due.map(seconds), "{minutes}");
        assert_eq!(format!("every {minutes}m"), state.schedule);
    }
}

#[tokio::test]
async fn timers_are_listed_with_the_handlers() {
    let kit = TestKit::with::<hourly>().and::<daily>().start().await;
    let listed: Vec<_> = kit
        .engine()
        .handlers()
        .iter()
        .map(|listed| (listed.event, listed.meta.phase, listed.meta.path))
        .collect();
    let expected = [
        concat!(module_path!(), "::daily"),
        concat!(module_path!(), "::hourly"),
    ];
    assert_eq!(
        expected
            .map(|path| ("runTimer", Phase::Timer, path))
            .to_vec(),
        listed
    );
}

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "runTimer", access = anyone)]
struct Impostor {}

#[answer(collect = false)]
async fn pretend(_event: Impostor, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[test]
fn no_event_of_an_apps_own_is_called_as_that_of_timers() {
    let registration = <pretend as vestibule_core::Handler>::REGISTRATION;
    let error = Registry::of([registration], &HandlerConfig::default()).unwrap_err();
    assert!(error.to_string().contains("the event runTimer"), "{error}");
}

#[tokio::test]
async fn an_engine_without_timers_has_no_task_for_them() {
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let bare = TestKit::bare().start().await;
    let idle = tasks();
    let second = TestKit::bare().start().await;
    let per_engine = tasks() - idle;
    let timed = TestKit::with::<hourly>().start().await;
    assert_eq!(idle + per_engine * 2 + 1, tasks());
    drop((bare, second, timed));
}

#[tokio::test]
async fn a_program_that_runs_for_a_moment_only_neither_schedules_nor_runs_timers() {
    let kit = TestKit::bare().start().await;
    let engine = Engine::builder(Arc::clone(kit.storage()))
        .clock(Arc::new(kit.clock().clone()))
        .registration(<hourly as vestibule_core::Handler>::REGISTRATION)
        .without_timers();
    let (engine, _) = engine.start().await.unwrap();
    kit.advance(HOUR * 2).await;
    engine.timers_idle().await;
    assert_eq!(Vec::<Ran>::new(), runs(&engine));
    assert!(kit.storage().timers().await.unwrap().is_empty());
    let listed = the_timer(&engine).await;
    assert_eq!((None, true), (listed.state.due, listed.state.enabled));
}
