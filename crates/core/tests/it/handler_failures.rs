//! Handlers that are switched off by their failures, and those that never are.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use vestibule::{Handler, prelude::*};
use vestibule_core::{Disabled, HandlerChange, Meta, OnFailure, Phase, Registration, Switch};
use vestibule_testkit::TestKit;

/// Whether handlers fail just now.
#[derive(Default)]
struct Broken(AtomicBool);

fn fail_if(broken: &Broken) -> Result<()> {
    match broken.0.load(Ordering::SeqCst) {
        true => Err(Error::internal("the disk is full")),
        false => Ok(()),
    }
}

#[observe(collect = false, disable_after = 3)]
async fn watch(_seen: &Seen<LoginAsGuest>, witness: &Witness) -> Result<()> {
    fail_if(&witness.state::<Broken>())
}

#[observe(collect = false, disable_after = 3)]
async fn watch_all(_seen: &SeenAny, _witness: &Witness) -> Result<()> {
    panic!("oh no");
}

#[observe(collect = false)]
async fn watch_for_good(_seen: &SeenAny, _witness: &Witness) -> Result<()> {
    Err(Error::internal("again"))
}

#[before(collect = false, on_failure = "open", disable_after = 3)]
async fn decorate(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    fail_if(&ctx.state::<Broken>())?;
    Ok(Flow::Continue)
}

#[after(collect = false, on_failure = "open", disable_after = 1, events = [Login, LoginAsGuest])]
async fn greet<E>(_event: &E, outcome: Outcome<E>, ctx: &Context) -> Outcome<E>
where
    E: Event<Output = LoggedIn>,
{
    fail_if(&ctx.state::<Broken>())?;
    outcome
}

#[before(collect = false, on_failure = "open", disable_after = 3)]
async fn refuse(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Err(Error::refused(4242).saying("not today"))
}

#[before(collect = false)]
async fn guard(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    fail_if(&ctx.state::<Broken>())?;
    Ok(Flow::Continue)
}

/// What no attribute makes: a guard that wants to be switched off.
struct WeakGuard;

impl Handler for WeakGuard {
    const REGISTRATION: Registration = Registration::new(
        Meta {
            path: "it::handler_failures::weak_guard",
            phase: Phase::Before,
            table: None,
            order: 0,
            runs_before: &[],
            runs_after: &[],
            timeout: vestibule_core::DEFAULT_TIMEOUT,
            on_failure: OnFailure::Closed,
            disable_after: Some(1),
            file: file!(),
            line: line!(),
        },
        |registry, meta| registry.before::<LoginAsGuest>(meta, guard {}),
    );
}

const WATCH: &str = "it::handler_failures::watch";
const DECORATE: &str = "it::handler_failures::decorate";

/// Has handlers fail, or not.
fn set_broken(kit: &TestKit, broken: bool) {
    kit.state::<Broken>().0.store(broken, Ordering::SeqCst);
}

async fn log_in(kit: &TestKit) -> Outcome<LoginAsGuest> {
    let outcome = kit.anonymous().submit(LoginAsGuest::default()).await;
    kit.engine().observed().await;
    outcome
}

fn switch(kit: &TestKit, name: &str) -> std::sync::Arc<Switch> {
    let listed = kit.engine().handlers();
    let mut listed = listed.into_iter();
    let handler = listed.find(|listed| listed.meta.path.ends_with(name));
    handler.unwrap().switch
}

async fn enable(kit: &TestKit, path: &str) {
    let on = HandlerChange {
        enabled: Some(true),
        order: None,
    };
    kit.engine().change_handler(path, on).await.unwrap();
}

#[tokio::test]
async fn an_observer_that_fails_so_often_in_a_row_is_switched_off_and_says_why() {
    let kit = TestKit::with::<watch>().start().await;
    set_broken(&kit, true);
    for _ in 0..2 {
        log_in(&kit).await.unwrap();
    }
    assert!(switch(&kit, "::watch").is_on());
    log_in(&kit).await.unwrap();
    let switch = switch(&kit, "::watch");
    assert!(!switch.is_on());
    let reason = switch.disabled().unwrap();
    let Disabled::AfterFailures { failures, last } = &*reason else {
        panic!("{reason}");
    };
    assert_eq!(3, *failures);
    assert!(last.contains("the disk is full"), "{last}");
    assert!(reason.to_string().starts_with("it failed 3 times in a row"));
    for _ in 0..5 {
        log_in(&kit).await.unwrap();
    }
    kit.expect_calls([(WATCH, 3)]);
}

#[tokio::test]
async fn an_observer_of_all_events_that_panics_is_switched_off_too() {
    let kit = TestKit::with::<watch_all>().start().await;
    for _ in 0..5 {
        log_in(&kit).await.unwrap();
    }
    kit.expect_calls([("it::handler_failures::watch_all", 3)]);
}

#[tokio::test]
async fn one_success_ends_the_row() {
    let kit = TestKit::with::<decorate>().start().await;
    for broken in [true, true, false, true, true, false] {
        set_broken(&kit, broken);
        log_in(&kit).await.unwrap();
    }
    assert!(switch(&kit, "::decorate").is_on());
    kit.expect_calls([(DECORATE, 6)]);
}

#[tokio::test]
async fn handlers_that_fail_open_are_switched_off_for_all_of_their_events() {
    let kit = TestKit::with::<decorate>().and::<greet>().start().await;
    kit.register("ann@example.com").await;
    set_broken(&kit, true);
    for _ in 0..4 {
        log_in(&kit).await.unwrap();
    }
    kit.log_in("ann@example.com").await;
    kit.expect_calls([(DECORATE, 3), ("it::handler_failures::greet", 1)]);
    kit.expect_no_other_calls();
}

#[after(collect = false, on_failure = "open", disable_after = 2, events = [Login, LoginAsGuest])]
async fn greet_twice<E>(_event: &E, outcome: Outcome<E>, ctx: &Context) -> Outcome<E>
where
    E: Event<Output = LoggedIn>,
{
    fail_if(&ctx.state::<Broken>())?;
    outcome
}

#[tokio::test]
async fn each_event_of_a_handler_has_a_row_of_failures_of_its_own() {
    let kit = TestKit::with::<greet_twice>().start().await;
    kit.register("ann@example.com").await;
    set_broken(&kit, true);
    log_in(&kit).await.unwrap();
    kit.log_in("ann@example.com").await;
    assert!(switch(&kit, "::greet_twice").is_on());
    log_in(&kit).await.unwrap();
    assert!(!switch(&kit, "::greet_twice").is_on());
}

#[tokio::test]
async fn a_handler_that_fails_closed_goes_on_refusing_however_often() {
    let kit = TestKit::with::<guard>().and::<WeakGuard>().start().await;
    set_broken(&kit, true);
    for _ in 0..10 {
        log_in(&kit).await.unwrap_err();
    }
    assert!(switch(&kit, "::guard").is_on());
    kit.expect_calls([("it::handler_failures::guard", 10)]);
    let off = HandlerChange {
        enabled: Some(false),
        order: None,
    };
    let guard = "it::handler_failures::guard";
    kit.engine().change_handler(guard, off).await.unwrap();
    for _ in 0..10 {
        log_in(&kit).await.unwrap_err();
    }
    assert!(switch(&kit, "::weak_guard").is_on());
    kit.expect_calls([("it::handler_failures::weak_guard", 10)]);
}

#[tokio::test]
async fn a_refusal_is_no_failure_and_who_says_nothing_of_it_is_never_switched_off() {
    let kit = TestKit::with::<refuse>().and::<watch_for_good>();
    let kit = kit.start().await;
    for _ in 0..10 {
        assert_eq!(4242, log_in(&kit).await.unwrap_err().code().number());
    }
    kit.expect_calls([
        ("it::handler_failures::refuse", 10),
        ("it::handler_failures::watch_for_good", 10),
    ]);
}

#[tokio::test]
async fn who_is_switched_on_again_has_all_attempts_again() {
    let kit = TestKit::with::<decorate>().start().await;
    set_broken(&kit, true);
    for _ in 0..3 {
        log_in(&kit).await.unwrap();
    }
    let moved = HandlerChange {
        enabled: None,
        order: Some(Some(7)),
    };
    kit.engine().change_handler(DECORATE, moved).await.unwrap();
    assert!(!switch(&kit, "::decorate").is_on());
    enable(&kit, DECORATE).await;
    assert!(switch(&kit, "::decorate").disabled().is_none());
    for _ in 0..2 {
        log_in(&kit).await.unwrap();
    }
    assert!(switch(&kit, "::decorate").is_on());
    log_in(&kit).await.unwrap();
    assert!(!switch(&kit, "::decorate").is_on());
    kit.expect_calls([(DECORATE, 6)]);
}

#[tokio::test]
async fn each_time_somebody_is_switched_on_again_stands_in_the_audit_trail() {
    let kit = TestKit::with::<decorate>().start().await;
    set_broken(&kit, true);
    for _ in 0..2 {
        for _ in 0..3 {
            log_in(&kit).await.unwrap();
        }
        assert!(!switch(&kit, "::decorate").is_on());
        enable(&kit, DECORATE).await;
        // It runs already, so this is no deed.
        enable(&kit, DECORATE).await;
    }
    let records = kit.engine().audit_trail(0, 100).await.unwrap();
    let expected = format!("changeHandler {DECORATE} enabled=true");
    let deeds = records.iter().filter(|record| record.action == expected);
    assert_eq!(2, deeds.count());
}

/// Fails with all that another server answered.
#[observe(collect = false, disable_after = 1)]
async fn quote_at_length(_seen: &Seen<LoginAsGuest>, _witness: &Witness) -> Result<()> {
    Err(Error::internal("é".repeat(100_000)))
}

#[tokio::test]
async fn of_a_long_error_the_beginning_is_kept() {
    let kit = TestKit::with::<quote_at_length>().start().await;
    log_in(&kit).await.unwrap();
    let listed = kit.engine().handlers();
    let last = listed[0].stats.last_failure().unwrap();
    assert_eq!(2003, last.error.chars().count());
    let reason = listed[0].switch.disabled().unwrap().to_string();
    assert!(reason.ends_with("é..."), "{reason}");
    assert!(reason.chars().count() < 2100, "{reason}");
}

#[tokio::test]
async fn a_restart_switches_on_what_failed_and_not_what_the_operator_switched_off() {
    let kit = TestKit::with::<decorate>().and::<watch>().start().await;
    set_broken(&kit, true);
    for _ in 0..3 {
        log_in(&kit).await.unwrap();
    }
    assert!(!switch(&kit, "::watch").is_on());
    let off = HandlerChange {
        enabled: Some(false),
        order: None,
    };
    let disabled = kit.engine().change_handler(DECORATE, off).await.unwrap();
    let reason = disabled[0].switch.disabled().unwrap();
    assert_eq!(Disabled::ByOperator, *reason);
    let kit = kit.restart(Duration::ZERO).await;
    assert!(switch(&kit, "::watch").is_on());
    assert!(!switch(&kit, "::decorate").is_on());
}
