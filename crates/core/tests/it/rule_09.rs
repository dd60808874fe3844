//! Rule 9: handlers are collected, and told apart by their names.

use std::collections::BTreeMap;

use vestibule::prelude::*;
use vestibule_core::{
    HandlerConfig, Meta, OnFailure, Phase, Registration, Registry, RegistryError,
};
use vestibule_testkit::TestKit;

/// The one collected handler of this test program: it does nothing.
#[observe]
async fn collected(_seen: &Seen<Logout>, _witness: &Witness) -> Result<()> {
    Ok(())
}

#[before(collect = false, order = 1)]
async fn first(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    event
        .properties
        .insert("blUserLocale".to_owned(), Value::from("first"));
    Ok(Flow::Continue)
}

#[before(collect = false, order = 2)]
async fn second(event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    event
        .properties
        .insert("blUserLocale".to_owned(), Value::from("second"));
    Ok(Flow::Continue)
}

#[after(collect = false, events = [Login, LoginByObjectId])]
async fn greet<E: Event<Output = LoggedIn>>(
    _event: &E,
    outcome: Outcome<E>,
    ctx: &Context,
) -> Outcome<E> {
    ctx.response().set_header("x-greeting", E::NAME)?;
    outcome
}

/// A handler with a state of its own.
#[derive(Default)]
struct Numbered(std::sync::atomic::AtomicU64);

#[after(collect = false)]
impl After<LoginAsGuest> for Numbered {
    async fn after(
        &self,
        _event: &LoginAsGuest,
        outcome: Outcome<LoginAsGuest>,
        ctx: &Context,
    ) -> Outcome<LoginAsGuest> {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        ctx.response().set_header("x-number", &number.to_string())?;
        outcome
    }
}

const SECOND: &str = concat!(module_path!(), "::second");

async fn locale(config: HandlerConfig) -> Value {
    let kit = TestKit::with::<first>()
        .and::<second>()
        .handler_config(config)
        .start()
        .await;
    let login = kit
        .anonymous()
        .submit(LoginAsGuest::default())
        .await
        .unwrap();
    login.user.properties["blUserLocale"].clone()
}

fn twin(line: u32) -> Registration {
    let meta = Meta {
        path: "shop::greet",
        phase: Phase::Before,
        table: None,
        order: 0,
        runs_before: &[],
        runs_after: &[],
        timeout: vestibule_core::DEFAULT_TIMEOUT,
        on_failure: OnFailure::Closed,
        disable_after: None,
        file: "src/lib.rs",
        line,
    };
    Registration::new(meta, |_, _| {})
}

#[tokio::test]
async fn linked_handlers_are_collected_and_those_of_tests_are_not() {
    let registry = Registry::collected(&HandlerConfig::default()).unwrap();
    let paths: Vec<_> = registry
        .handlers()
        .iter()
        .map(|listed| listed.meta.path)
        .collect();
    assert_eq!(vec![concat!(module_path!(), "::collected")], paths);
    let kit = TestKit::all().start().await;
    kit.anonymous().submit(Logout::default()).await.unwrap();
    kit.expect_calls([(concat!(module_path!(), "::collected"), 1)]);
}

#[test]
fn two_handlers_of_one_name_are_refused_with_both_places() {
    let error = Registry::of([twin(1), twin(2)], &HandlerConfig::default()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("src/lib.rs:1") && text.contains("src/lib.rs:2"),
        "{text}"
    );
}

#[tokio::test]
async fn configuration_may_reorder_and_disable() {
    assert_eq!(
        Value::from("second"),
        locale(HandlerConfig::default()).await
    );
    let order = BTreeMap::from([(SECOND.to_owned(), 0)]);
    let reordered = HandlerConfig {
        order,
        ..HandlerConfig::default()
    };
    assert_eq!(Value::from("first"), locale(reordered).await);
    let disabled = HandlerConfig {
        disable: vec![SECOND.to_owned()],
        ..HandlerConfig::default()
    };
    assert_eq!(Value::from("first"), locale(disabled).await);
}

#[test]
fn a_handler_that_is_expected_and_not_linked_stops_the_start() {
    let expect = vec!["guest_limits::limit_guests".to_owned()];
    let config = HandlerConfig {
        expect,
        ..HandlerConfig::default()
    };
    let error = Registry::of([twin(1)], &config).unwrap_err();
    assert!(matches!(
        error,
        RegistryError::Unknown {
            setting: "expect_handlers",
            ..
        }
    ));
    assert!(
        error.to_string().contains("use guest_limits as _;"),
        "{error}"
    );
    assert!(error.to_string().contains("shop::greet"), "{error}");
}

#[test]
fn a_misspelled_handler_is_answered_with_the_right_spelling() {
    for name in ["shop::gret", "store::greet"] {
        let config = HandlerConfig {
            disable: vec![name.to_owned()],
            ..HandlerConfig::default()
        };
        let error = Registry::of([twin(1)], &config).unwrap_err().to_string();
        assert!(error.contains("did you mean shop::greet?"), "{error}");
    }
}

#[test]
fn a_handler_cannot_be_expected_and_disabled() {
    let names = vec!["shop::greet".to_owned()];
    let config = HandlerConfig {
        expect: names.clone(),
        disable: names,
        ..HandlerConfig::default()
    };
    let error = Registry::of([twin(1)], &config).unwrap_err();
    assert!(matches!(error, RegistryError::ExpectedAndDisabled { .. }));
}

#[tokio::test]
async fn one_attribute_may_name_several_events_of_one_output() {
    let kit = TestKit::with::<greet>().start().await;
    kit.register("ann@example.com").await;
    let reply = kit
        .anonymous()
        .reply(Login::new("ann@example.com", "secret"))
        .await;
    assert_eq!("login", reply.response.headers[0].1);
    let id = reply.outcome.unwrap().user.id().clone();
    kit.code_runner()
        .submit_as_code_runner(LoginByObjectId::new(id))
        .await
        .unwrap();
    kit.expect_calls([(concat!(module_path!(), "::greet"), 2)]);
}

#[tokio::test]
async fn a_trait_impl_keeps_a_state_of_its_own_in_each_engine() {
    for _ in 0..2 {
        let kit = TestKit::with::<Numbered>().start().await;
        let mut numbers = Vec::new();
        for _ in 0..3 {
            let reply = kit.anonymous().reply(LoginAsGuest::default()).await;
            numbers.push(reply.response.headers[0].1.clone());
        }
        assert_eq!(vec!["0", "1", "2"], numbers);
    }
}
