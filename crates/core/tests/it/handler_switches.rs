//! Handlers that the operator switches off and on, and moves, while the app runs.

use std::{sync::Mutex, time::Duration};

use tokio::sync::Notify;
use vestibule::prelude::*;
use vestibule_core::{Disabled, HandlerChange, HandlerConfig, ListedHandler};
use vestibule_model::Actor;
use vestibule_testkit::{Change, Outage, TestKit};

/// The handlers that ran, in their order.
#[derive(Default)]
struct Ran(Mutex<Vec<&'static str>>);

impl Ran {
    fn note(&self, name: &'static str) {
        self.0.lock().unwrap().push(name);
    }
}

/// Those that ran since somebody asked last.
fn ran(kit: &TestKit) -> Vec<&'static str> {
    std::mem::take(&mut *kit.state::<Ran>().0.lock().unwrap())
}

#[before(collect = false, order = 1)]
async fn one(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.state::<Ran>().note("one");
    Ok(Flow::Continue)
}

#[before(collect = false, order = 2)]
async fn two(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    ctx.state::<Ran>().note("two");
    Ok(Flow::Continue)
}

#[after(collect = false)]
async fn three(
    _event: &LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    ctx: &Context,
) -> Outcome<LoginAsGuest> {
    ctx.state::<Ran>().note("three");
    outcome
}

#[before(collect = false)]
async fn five(_event: &mut UpdateUser, ctx: &Context) -> Result<Flow<UpdateUser>> {
    ctx.state::<Ran>().note("five");
    Ok(Flow::Continue)
}

#[observe(collect = false)]
async fn four(_seen: &SeenAny, witness: &Witness) -> Result<()> {
    witness.state::<Ran>().note("four");
    Ok(())
}

/// Lets a call go on that waits for a test.
#[derive(Default)]
struct Gate {
    reached: Notify,
    open: Notify,
}

#[before(collect = false, timeout = "10m")]
async fn hold(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    let gate = ctx.state::<Gate>();
    gate.reached.notify_one();
    gate.open.notified().await;
    Ok(Flow::Continue)
}

#[before(collect = false, events = [Login, LoginAsGuest])]
async fn of_two_events<E>(_event: &mut E, ctx: &Context) -> Result<Flow<E>>
where
    E: Event<Output = LoggedIn>,
{
    ctx.state::<Ran>().note("of_two_events");
    Ok(Flow::Continue)
}

#[timer(every = "1h", collect = false)]
async fn hourly(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

const ONE: &str = "it::handler_switches::one";
const TWO: &str = "it::handler_switches::two";
const THREE: &str = "it::handler_switches::three";
const FOUR: &str = "it::handler_switches::four";

const OFF: HandlerChange = HandlerChange {
    enabled: Some(false),
    order: None,
};
const ON: HandlerChange = HandlerChange {
    enabled: Some(true),
    order: None,
};

fn place(order: Option<i32>) -> HandlerChange {
    HandlerChange {
        enabled: None,
        order: Some(order),
    }
}

async fn change(kit: &TestKit, path: &str, change: HandlerChange) -> Vec<ListedHandler> {
    kit.engine().change_handler(path, change).await.unwrap()
}

async fn refusal(kit: &TestKit, path: &str, change: HandlerChange) -> String {
    let error = kit.engine().change_handler(path, change).await.unwrap_err();
    assert_eq!(ErrorCode::InvalidParameter, error.code());
    error.message().to_owned()
}

async fn log_in(kit: &TestKit) -> Vec<&'static str> {
    let login = kit.anonymous().submit(LoginAsGuest::default()).await;
    login.unwrap();
    kit.engine().observed().await;
    ran(kit)
}

/// What the operator did to handlers, the latest first.
async fn deeds(kit: &TestKit) -> Vec<String> {
    let records = kit.engine().audit_trail(0, 100).await.unwrap();
    let by_operator = records
        .into_iter()
        .filter(|record| record.actor == Actor::Admin && record.action.contains("Handler "));
    by_operator.map(|record| record.action).collect()
}

async fn four_handlers() -> TestKit {
    let kit = TestKit::with::<one>().and::<two>();
    kit.and::<three>().and::<four>().start().await
}

#[tokio::test]
async fn handlers_of_each_phase_are_switched_off_and_on_while_the_app_runs() {
    let kit = four_handlers().await;
    assert_eq!(vec!["one", "two", "three", "four"], log_in(&kit).await);
    for path in [ONE, THREE, FOUR] {
        let changed = change(&kit, path, OFF).await;
        assert_eq!(1, changed.len());
        assert_eq!(path, changed[0].meta.path);
        assert!(!changed[0].switch.is_on());
        let reason = changed[0].switch.disabled().unwrap();
        assert_eq!(Disabled::ByOperator, *reason);
        assert_eq!("the operator switched it off", reason.to_string());
    }
    assert_eq!(vec!["two"], log_in(&kit).await);
    for path in [ONE, THREE, FOUR] {
        let changed = change(&kit, path, ON).await;
        assert!(changed[0].switch.is_on() && changed[0].switch.disabled().is_none());
    }
    assert_eq!(vec!["one", "two", "three", "four"], log_in(&kit).await);
}

#[tokio::test]
async fn a_handler_is_moved_and_goes_back_to_its_own_place() {
    let kit = four_handlers().await;
    let moved = change(&kit, TWO, place(Some(-7))).await;
    assert_eq!(-7, moved[0].switch.order());
    assert_eq!(2, moved[0].switch.own_order());
    assert_eq!(vec!["two", "one", "three", "four"], log_in(&kit).await);
    let listed = kit.engine().handlers();
    let before = listed
        .iter()
        .filter(|listed| listed.event == "loginAsGuest");
    let paths: Vec<_> = before.map(|listed| listed.meta.path).collect();
    assert_eq!(vec![TWO, ONE, THREE], paths);
    change(&kit, TWO, place(None)).await;
    assert_eq!(vec!["one", "two", "three", "four"], log_in(&kit).await);
}

#[tokio::test]
async fn a_call_under_way_goes_on_as_it_began() {
    let kit = TestKit::with::<hold>().and::<one>().and::<two>();
    let kit = kit.and::<three>().and::<four>().start().await;
    let gate = kit.state::<Gate>();
    let client = kit.anonymous();
    let meddle = async {
        gate.reached.notified().await;
        change(&kit, ONE, OFF).await;
        change(&kit, THREE, OFF).await;
        change(&kit, FOUR, OFF).await;
        change(&kit, TWO, place(Some(-1))).await;
        gate.open.notify_one();
    };
    let (outcome, ()) = tokio::join!(client.submit(LoginAsGuest::default()), meddle);
    outcome.unwrap();
    kit.engine().observed().await;
    assert_eq!(vec!["one", "two", "three", "four"], ran(&kit));
    // The next one goes as it was told.
    gate.open.notify_one();
    assert_eq!(vec!["two"], log_in(&kit).await);
}

#[tokio::test]
async fn a_call_whose_permission_is_still_asked_for_is_under_way_already() {
    let kit = TestKit::with::<five>().start().await;
    let ann = kit.user("ann@example.com").await;
    ran(&kit);
    kit.break_storage(Outage::of_reads().times(1).delayed());
    let change_name = UpdateUser::new(ann.id().clone(), record! { "name" => "Ann" });
    let meddle = async {
        while kit.storage_delays() == 0 {
            tokio::task::yield_now().await;
        }
        change(&kit, "it::handler_switches::five", OFF).await;
        kit.mend_storage();
    };
    let (outcome, ()) = tokio::join!(ann.submit(change_name), meddle);
    outcome.unwrap();
    assert_eq!(vec!["five"], ran(&kit));
}

#[tokio::test]
async fn a_change_that_cannot_be_stored_is_not_made() {
    let kit = four_handlers().await;
    let of_handlers = |change: &Change| matches!(change, Change::PutHandlerSetting(_));
    kit.break_storage(Outage::of_writes_with(of_handlers));
    let both = HandlerChange {
        enabled: Some(false),
        order: Some(Some(9)),
    };
    let refused = kit.engine().change_handler(ONE, both).await.unwrap_err();
    assert_eq!(Some(503), refused.chosen_status());
    assert_eq!(vec!["one", "two", "three", "four"], log_in(&kit).await);
    kit.mend_storage();
    assert!(deeds(&kit).await.is_empty());
}

#[tokio::test]
async fn what_was_changed_lasts_beyond_a_restart() {
    let kit = four_handlers().await;
    change(&kit, ONE, OFF).await;
    change(&kit, FOUR, OFF).await;
    change(&kit, FOUR, ON).await;
    change(&kit, TWO, place(Some(40))).await;
    let kit = kit.restart(Duration::ZERO).await;
    assert_eq!(vec!["two", "three", "four"], log_in(&kit).await);
    change(&kit, ONE, ON).await;
    let kit = kit.restart(Duration::ZERO).await;
    assert_eq!(vec!["one", "two", "three", "four"], log_in(&kit).await);
    change(&kit, ONE, place(Some(50))).await;
    let kit = kit.restart(Duration::ZERO).await;
    assert_eq!(vec!["two", "one", "three", "four"], log_in(&kit).await);
}

#[tokio::test]
async fn every_change_leaves_one_audit_record_and_what_changes_nothing_leaves_none() {
    let kit = four_handlers().await;
    change(&kit, ONE, OFF).await;
    change(&kit, ONE, OFF).await;
    let both = HandlerChange {
        enabled: Some(true),
        order: Some(Some(-3)),
    };
    change(&kit, ONE, both).await;
    change(&kit, ONE, place(None)).await;
    let expected = [
        format!("changeHandler {ONE} order=its own"),
        format!("changeHandler {ONE} enabled=true order=-3"),
        format!("changeHandler {ONE} enabled=false"),
    ];
    assert_eq!(expected.to_vec(), deeds(&kit).await);
}

#[tokio::test]
async fn two_changes_at_once_are_both_made() {
    let kit = four_handlers().await;
    for round in 0..20 {
        let order = place(Some(round));
        let (engine, by) = (kit.engine(), [OFF, ON][round as usize % 2]);
        let (switched, moved, other) = tokio::join!(
            engine.change_handler(ONE, by),
            engine.change_handler(ONE, order),
            engine.change_handler(TWO, order),
        );
        switched.unwrap();
        moved.unwrap();
        other.unwrap();
        let listed = kit.engine().handlers();
        let of = |path: &str| {
            let handler = listed.iter().find(|listed| listed.meta.path == path);
            let switch = &handler.unwrap().switch;
            (switch.is_on(), switch.order())
        };
        assert_eq!((by == ON, round), of(ONE));
        assert_eq!((true, round), of(TWO));
    }
    let kit = kit.restart(Duration::ZERO).await;
    assert_eq!(vec!["one", "two", "three", "four"], log_in(&kit).await);
}

#[tokio::test]
async fn a_handler_for_several_events_is_switched_for_all_of_them() {
    let kit = TestKit::with::<of_two_events>().start().await;
    kit.register("ann@example.com").await;
    let changed = change(&kit, "it::handler_switches::of_two_events", OFF).await;
    let events: Vec<_> = changed.iter().map(|listed| listed.event).collect();
    assert_eq!(vec!["login", "loginAsGuest"], events);
    kit.log_in("ann@example.com").await;
    assert!(log_in(&kit).await.is_empty());
    change(&kit, "it::handler_switches::of_two_events", ON).await;
    kit.log_in("ann@example.com").await;
    assert_eq!(vec!["of_two_events", "of_two_events"], log_in(&kit).await);
}

#[tokio::test]
async fn what_expect_handlers_names_neither_goes_nor_moves() {
    let config = HandlerConfig {
        expect: vec![ONE.to_owned()],
        ..HandlerConfig::default()
    };
    let kit = TestKit::with::<one>().and::<two>().handler_config(config);
    let kit = kit.start().await;
    for wanted in [OFF, ON, place(Some(3)), place(None)] {
        let text = refusal(&kit, ONE, wanted).await;
        assert!(text.contains("expect_handlers"), "{text}");
    }
    assert_eq!(vec!["one", "two"], log_in(&kit).await);
    assert!(deeds(&kit).await.is_empty());
}

#[tokio::test]
async fn what_there_is_not_or_what_stands_elsewhere_is_refused_with_what_to_do() {
    let config = HandlerConfig {
        disable: vec![TWO.to_owned()],
        ..HandlerConfig::default()
    };
    let kit = TestKit::with::<one>().and::<two>().and::<hourly>();
    let kit = kit.handler_config(config).start().await;
    for (path, part) in [
        (
            "it::handler_switches::onne",
            "did you mean it::handler_switches::one?",
        ),
        ("nothing", "`crate::module::function`"),
        (TWO, "handlers.disable"),
        (
            "it::handler_switches::hourly",
            "/admin/api/timers/it::handler_switches::hourly",
        ),
    ] {
        let text = refusal(&kit, path, OFF).await;
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn what_is_stored_of_a_handler_that_somebody_expects_by_now_does_not_count() {
    let kit = TestKit::with::<one>().and::<two>().start().await;
    change(&kit, ONE, OFF).await;
    change(&kit, TWO, OFF).await;
    let expecting = HandlerConfig {
        expect: vec![ONE.to_owned()],
        ..HandlerConfig::default()
    };
    // Of `two` the next server knows nothing, and starts all the same.
    let engine = vestibule_core::Engine::builder(std::sync::Arc::clone(kit.storage()))
        .handler::<one>()
        .handler_config(expecting)
        .without_cleanup();
    let (engine, _) = engine.start().await.unwrap();
    let listed = engine.handlers();
    assert_eq!(1, listed.len());
    assert!(listed[0].switch.is_on());
}
