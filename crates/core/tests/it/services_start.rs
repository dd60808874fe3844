//! API services: what is refused when the app starts, and what configuration may do.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::{CallableBy, Handler, prelude::*, service};
use vestibule_core::{
    ArgumentReader, DEFAULT_TIMEOUT, HandlerConfig, Meta, MethodInfo, OnFailure, Phase,
    Registration, Registry, RegistryError, ServiceMethod, Verb,
};
use vestibule_testkit::TestKit;

#[derive(Default)]
struct Parcels;

#[service("parcels", collect = false)]
impl Parcels {
    #[get("/{id}", access = anyone)]
    async fn look(&self, id: String, _ctx: &Context) -> Result<String> {
        Ok(id)
    }

    #[put("/{id}", access = anyone)]
    async fn send(&self, id: String, _ctx: &Context) -> Result<String> {
        Ok(id)
    }
}

#[derive(Default)]
struct OtherParcels;

#[service("parcels", collect = false)]
impl OtherParcels {
    #[get("/all", access = anyone)]
    async fn all(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

/// A method written by hand: of one that `#[service]` has read, the compiler tells.
#[derive(Default)]
struct Lines {}

#[vestibule::__private::async_trait]
impl Answers<InvokeService> for Lines {
    async fn answer(&self, event: InvokeService, _ctx: &Context) -> Outcome<InvokeService> {
        Ok(Json::from(event.arguments::<Self>()?.as_str()))
    }
}

impl ServiceMethod for Lines {
    const INFO: MethodInfo = MethodInfo {
        verb: Verb::Get,
        path: "/{id}/lines",
        access: CallableBy::Anyone,
        parameters: &[],
        description: "",
    };

    type Arguments = String;

    fn read(reader: &mut ArgumentReader<'_>) -> Result<String> {
        reader.path("id")
    }

    fn describe(id: &String) -> Json {
        json!({ "id": id })
    }
}

const fn meta(path: &'static str, line: u32) -> Meta {
    Meta {
        path,
        phase: Phase::Service,
        table: None,
        order: 0,
        runs_before: &[],
        runs_after: &[],
        timeout: DEFAULT_TIMEOUT,
        on_failure: OnFailure::Closed,
        disable_after: None,
        file: "tests/it/services_start.rs",
        line,
    }
}

const LETTERS: Registration = Registration::new(meta("post::Letters", 1), |registry, of| {
    registry.service(of, "letters", |methods| {
        methods.method::<Lines>(meta("post::Letters::lines", 2));
        methods.method::<Lines>(meta("post::Letters::more_lines", 3));
    });
});

#[derive(Clone, Debug, Serialize, Deserialize, CustomEvent)]
#[event(name = "invokeService", access = anyone)]
struct NotTheService {}

#[answer(collect = false)]
async fn answer_it(_event: NotTheService, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[track_caller]
fn refusal(registrations: &[Registration]) -> RegistryError {
    let registrations = registrations.iter().copied();
    Registry::of(registrations, &HandlerConfig::default()).unwrap_err()
}

/// How often this file is named in a refusal, with a line.
fn places(error: &RegistryError) -> usize {
    error
        .to_string()
        .matches("tests/it/services_start.rs:")
        .count()
}

#[test]
fn two_services_of_one_name_are_refused_with_both_places() {
    let error = refusal(&[Parcels::REGISTRATION, OtherParcels::REGISTRATION]);
    assert!(matches!(
        error,
        RegistryError::ServiceTwice {
            service: "parcels",
            ..
        }
    ));
    assert_eq!(2, places(&error), "{error}");
}

#[test]
fn two_methods_that_no_call_could_tell_apart_are_refused_with_both_places() {
    let error = refusal(&[LETTERS]).to_string();
    for words in [
        "the service 'letters' has GET /{id}/lines twice",
        "tests/it/services_start.rs:2 ",
        "tests/it/services_start.rs:3;",
    ] {
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn everything_that_does_not_fit_is_told_at_once_and_always_in_one_order() {
    let mut registrations = [
        LETTERS,
        OtherParcels::REGISTRATION,
        Parcels::REGISTRATION,
        answer_it::REGISTRATION,
    ];
    let error = refusal(&registrations);
    assert_eq!(5, places(&error), "{error}");
    assert!(error.to_string().contains("; moreover, "), "{error}");
    let RegistryError::Several(errors) = &error else {
        panic!("{error}")
    };
    assert_eq!(3, errors.len());
    let reserved = |error: &RegistryError| {
        matches!(
            error,
            RegistryError::ReservedEventName {
                event: "invokeService",
                ..
            }
        )
    };
    assert!(errors.iter().any(reserved), "{error}");
    registrations.reverse();
    assert_eq!(error, refusal(&registrations));
}

#[tokio::test]
async fn configuration_may_disable_and_expect_a_service() {
    let path = concat!(module_path!(), "::Parcels");
    let config = |disable: &[&str], expect: &[&str]| HandlerConfig {
        disable: disable.iter().map(|&path| path.to_owned()).collect(),
        expect: expect.iter().map(|&path| path.to_owned()).collect(),
        ..HandlerConfig::default()
    };
    let start = async |config| {
        let kit = TestKit::with::<Parcels>().handler_config(config);
        kit.start().await
    };
    let kit = start(config(&[], &[path])).await;
    let called = kit.anonymous().invoke("parcels", "/7", json!({})).await;
    let code = called.unwrap_err().code();
    assert_eq!(ErrorCode::ServiceMethodNotFound, code, "of two verbs");

    let kit = start(config(&[path], &[])).await;
    let called = kit.anonymous().invoke("parcels", "/7", json!({})).await;
    assert_eq!(ErrorCode::ServiceNotFound, called.unwrap_err().code());
    assert!(kit.engine().services().is_empty());

    // A service is one handler: its methods come and go together.
    let method = format!("{path}::look");
    let error = Registry::of([Parcels::REGISTRATION], &config(&[&method], &[])).unwrap_err();
    assert!(matches!(error, RegistryError::Unknown { .. }));
    assert!(error.to_string().contains(path), "{error}");

    // Who takes the name of a disabled service is no second one.
    let both = [Parcels::REGISTRATION, OtherParcels::REGISTRATION];
    assert!(Registry::of(both, &config(&[path], &[])).is_ok());
}
