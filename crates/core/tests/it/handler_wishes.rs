//! Handlers that want to run before or after others: their wishes beat orders, and what cannot be
//! stops the start.

use std::{collections::BTreeMap, sync::Mutex};

use vestibule::{Handler, prelude::*};
use vestibule_core::{HandlerChange, HandlerConfig, Registration, Registry, RegistryError};
use vestibule_testkit::TestKit;

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

/// Before handlers of a guest login that note that they ran.
macro_rules! notes {
    ($($name:ident($($options:tt)*);)*) => {$(
        #[before(collect = false, $($options)*)]
        async fn $name(_event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
            ctx.state::<Ran>().note(stringify!($name));
            Ok(Flow::Continue)
        }
    )*};
}

notes! {
    early(order = -100);
    late(order = 100, before = "it::handler_wishes::early");
    last(order = -200, after = ["it::handler_wishes::early", "it::handler_wishes::late"]);
    first(order = 200, before = "it::handler_wishes::second");
    second(before = "it::handler_wishes::third");
    third(order = -200);
    ring_a(before = "it::handler_wishes::ring_b");
    ring_b(before = "it::handler_wishes::ring_c");
    ring_c(before = "it::handler_wishes::ring_a");
    own_neighbour(after = "it::handler_wishes::own_neighbour");
    misspelt(before = "it::handler_wishes::earlie");
    stranger(after = "no_such_crate::handler");
    unheard(before = "it::handler_wishes::watch_guests");
}

#[before(collect = false, before = "it::handler_wishes::early")]
async fn elsewhere(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

/// Meets `early` in one of its events.
#[before(collect = false, events = [Login, LoginAsGuest], after = "it::handler_wishes::early")]
async fn in_both<E>(_event: &mut E, ctx: &Context) -> Result<Flow<E>>
where
    E: Event<Output = LoggedIn>,
{
    ctx.state::<Ran>().note("in_both");
    Ok(Flow::Continue)
}

#[observe(collect = false, after = "it::handler_wishes::watch_guests_first")]
async fn watch_guests(_seen: &Seen<LoginAsGuest>, witness: &Witness) -> Result<()> {
    witness.state::<Ran>().note("watch_guests");
    Ok(())
}

#[observe(collect = false, order = 5)]
async fn watch_guests_first(_seen: &Seen<LoginAsGuest>, witness: &Witness) -> Result<()> {
    witness.state::<Ran>().note("watch_guests_first");
    Ok(())
}

#[observe(collect = false, after = "it::handler_wishes::watch_all_first")]
async fn watch_all(_seen: &SeenAny, witness: &Witness) -> Result<()> {
    witness.state::<Ran>().note("watch_all");
    Ok(())
}

#[observe(collect = false, order = 5)]
async fn watch_all_first(_seen: &SeenAny, witness: &Witness) -> Result<()> {
    witness.state::<Ran>().note("watch_all_first");
    Ok(())
}

async fn log_in(kit: &TestKit) -> Vec<&'static str> {
    let login = kit.anonymous().submit(LoginAsGuest::default()).await;
    login.unwrap();
    kit.engine().observed().await;
    ran(kit)
}

fn refusal(registrations: impl IntoIterator<Item = Registration>) -> RegistryError {
    Registry::of(registrations, &HandlerConfig::default()).unwrap_err()
}

#[tokio::test]
async fn a_wish_beats_the_orders() {
    let kit = TestKit::with::<last>().and::<early>().and::<late>();
    let kit = kit.start().await;
    assert_eq!(vec!["late", "early", "last"], log_in(&kit).await);
    let listed = kit.engine().handlers();
    let listed: Vec<_> = listed.iter().map(|listed| listed.meta.path).collect();
    let expected = ["late", "early", "last"].map(|name| format!("it::handler_wishes::{name}"));
    assert_eq!(expected[..], listed);
}

#[tokio::test]
async fn a_wish_beats_the_orders_of_the_configuration_and_of_the_operator() {
    let kit = TestKit::with::<early>().and::<late>();
    let order = BTreeMap::from([("it::handler_wishes::early".to_owned(), -5000)]);
    let config = HandlerConfig {
        order,
        ..HandlerConfig::default()
    };
    let kit = kit.handler_config(config).start().await;
    assert_eq!(vec!["late", "early"], log_in(&kit).await);
    let last_of_all = HandlerChange {
        order: Some(Some(5000)),
        ..HandlerChange::default()
    };
    let moved = kit
        .engine()
        .change_handler("it::handler_wishes::late", last_of_all)
        .await
        .unwrap();
    assert_eq!([5000], [moved[0].switch.order()]);
    assert_eq!(vec!["late", "early"], log_in(&kit).await);
}

#[tokio::test]
async fn observers_have_wishes_too() {
    let kit = TestKit::with::<watch_guests>()
        .and::<watch_guests_first>()
        .and::<watch_all>()
        .and::<watch_all_first>()
        .start()
        .await;
    let expected = vec![
        "watch_guests_first",
        "watch_guests",
        "watch_all_first",
        "watch_all",
    ];
    assert_eq!(expected, log_in(&kit).await);
}

#[tokio::test]
async fn it_is_enough_to_meet_in_one_event() {
    let kit = TestKit::with::<in_both>().and::<early>().start().await;
    assert_eq!(vec!["early", "in_both"], log_in(&kit).await);
}

#[tokio::test]
async fn a_wish_about_one_that_the_configuration_disables_keeps_nobody_waiting() {
    let config = HandlerConfig {
        disable: vec!["it::handler_wishes::early".to_owned()],
        ..HandlerConfig::default()
    };
    let kit = TestKit::with::<early>().and::<last>().and::<late>();
    let kit = kit.handler_config(config).start().await;
    assert_eq!(vec!["late", "last"], log_in(&kit).await);
}

#[tokio::test]
async fn one_that_is_switched_off_still_stands_between_the_others() {
    let kit = TestKit::with::<first>().and::<second>().and::<third>();
    let kit = kit.start().await;
    assert_eq!(vec!["first", "second", "third"], log_in(&kit).await);
    let off = HandlerChange {
        enabled: Some(false),
        ..HandlerChange::default()
    };
    let engine = kit.engine();
    let second = "it::handler_wishes::second";
    engine.change_handler(second, off).await.unwrap();
    assert_eq!(vec!["first", "third"], log_in(&kit).await);
}

#[tokio::test]
async fn one_that_the_configuration_disables_still_stands_between_the_others() {
    let config = HandlerConfig {
        disable: vec!["it::handler_wishes::second".to_owned()],
        ..HandlerConfig::default()
    };
    let kit = TestKit::with::<first>().and::<second>().and::<third>();
    let kit = kit.handler_config(config).start().await;
    assert_eq!(vec!["first", "third"], log_in(&kit).await);
    let listed = kit.engine().handlers();
    let listed: Vec<_> = listed.iter().map(|listed| listed.meta.path).collect();
    let expected = ["first", "third"].map(|name| format!("it::handler_wishes::{name}"));
    assert_eq!(expected[..], listed);
}

#[tokio::test]
async fn whoever_waits_in_a_circle_can_be_disabled_to_get_out_of_it() {
    let config = HandlerConfig {
        disable: vec!["it::handler_wishes::ring_b".to_owned()],
        ..HandlerConfig::default()
    };
    let kit = TestKit::with::<ring_a>().and::<ring_b>().and::<ring_c>();
    let kit = kit.handler_config(config).start().await;
    assert_eq!(vec!["ring_c", "ring_a"], log_in(&kit).await);
}

#[test]
fn whatever_is_wrong_with_handlers_is_told_at_once() {
    let config = HandlerConfig {
        disable: vec!["it::handler_wishes::nobody".to_owned()],
        expect: vec!["it::handler_wishes::no_one".to_owned()],
        ..HandlerConfig::default()
    };
    let registrations = [
        ring_a::REGISTRATION,
        ring_b::REGISTRATION,
        ring_c::REGISTRATION,
        misspelt::REGISTRATION,
        stranger::REGISTRATION,
        early::REGISTRATION,
        early::REGISTRATION,
    ];
    let error = Registry::of(registrations, &config).unwrap_err();
    let RegistryError::Several(several) = &error else {
        panic!("{error}");
    };
    let text = error.to_string();
    assert_eq!(6, several.len(), "{text}");
    for part in [
        "two handlers are called it::handler_wishes::early",
        "(handlers.disable) names the handler it::handler_wishes::nobody",
        "(expect_handlers) names the handler it::handler_wishes::no_one",
        "before it::handler_wishes::earlie",
        "after no_such_crate::handler",
        "handlers of loginAsGuest wait for each other",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn those_who_wait_for_each_other_stop_the_start_and_are_printed_with_their_places() {
    let ring = [ring_c::REGISTRATION, ring_a::REGISTRATION];
    let error = refusal(ring.into_iter().chain([ring_b::REGISTRATION]));
    let RegistryError::Circle { event, handlers } = &error else {
        panic!("{error}");
    };
    assert_eq!("loginAsGuest", *event);
    assert_eq!(3, handlers.len());
    let text = error.to_string();
    let circle = text.split(": ").nth(1).unwrap();
    let names = circle.split(" > ").map(|one| one.split(" at ").next());
    let names: Vec<_> = names.flatten().collect();
    for pair in names.windows(2) {
        let next = match pair[0].rsplit("::").next() {
            Some("ring_a") => "it::handler_wishes::ring_b",
            Some("ring_b") => "it::handler_wishes::ring_c",
            _ => "it::handler_wishes::ring_a",
        };
        assert_eq!(next, pair[1], "{text}");
    }
    assert_eq!(4, circle.matches("handler_wishes.rs:").count(), "{text}");
}

#[test]
fn one_that_waits_for_itself_stops_the_start() {
    let error = refusal([own_neighbour::REGISTRATION]);
    assert!(matches!(error, RegistryError::Circle { .. }), "{error}");
}

#[test]
fn a_neighbour_that_is_not_linked_stops_the_start_and_the_nearest_is_named() {
    let text = refusal([misspelt::REGISTRATION, early::REGISTRATION]).to_string();
    for part in [
        "it::handler_wishes::misspelt at ",
        "handler_wishes.rs:",
        "before it::handler_wishes::earlie",
        "did you mean it::handler_wishes::early?",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let text = refusal([stranger::REGISTRATION]).to_string();
    assert!(text.contains("`use no_such_crate as _;`"), "{text}");
}

#[test]
fn neighbours_that_never_meet_stop_the_start_with_both_places() {
    let by_event = refusal([elsewhere::REGISTRATION, early::REGISTRATION]);
    let by_phase = refusal([
        unheard::REGISTRATION,
        watch_guests::REGISTRATION,
        watch_guests_first::REGISTRATION,
    ]);
    for error in [by_event, by_phase] {
        let text = error.to_string();
        assert!(matches!(error, RegistryError::NeverMeet { .. }), "{text}");
        assert_eq!(2, text.matches("handler_wishes.rs:").count(), "{text}");
    }
}
