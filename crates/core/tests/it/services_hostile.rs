//! API services, called by people who mean no good.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use vestibule::{Execution, Secret, prelude::*, service};
use vestibule_core::{ServiceBody, ServiceRequest, Verb};
use vestibule_testkit::TestKit;

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Pin {
    #[serde(rename = "0000")]
    Zeros,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Key {
    pin: Secret<Pin>,
    rank: u32,
}

#[derive(Default)]
struct Vault;

#[service("vault", collect = false)]
impl Vault {
    #[post("/open", access = anyone)]
    async fn open(&self, key: Key, _ctx: &Context) -> Result<u32> {
        Ok(key.rank)
    }

    #[post("/enter", access = anyone)]
    async fn enter(&self, pin: Secret<Pin>, password: Option<u32>, _ctx: &Context) -> Result<()> {
        let _ = (pin, password);
        Ok(())
    }

    #[get("/boxes/{number}", access = anyone)]
    async fn look(&self, number: u64, note: Option<String>, _ctx: &Context) -> Result<Json> {
        Ok(json!([number, note]))
    }

    #[post("/boxes/{number}/names/{name}", access = anyone)]
    async fn name(&self, number: i8, name: String, _ctx: &Context) -> Result<Json> {
        Ok(json!([number, name]))
    }

    #[post("/burn", access = server)]
    async fn burn(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    #[put("/burn/slowly", access = server)]
    async fn burn_slowly(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

#[derive(Default)]
struct Cellar;

#[service("cellar", collect = false)]
impl Cellar {
    #[post("/look", access = server)]
    async fn look(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

/// All that observers were shown, as text.
#[derive(Default)]
struct Shown(Mutex<String>);

#[observe(collect = false)]
async fn show(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let shown = format!("{seen:?} {} {}\n", seen.input, seen.output);
    witness.state::<Shown>().0.lock().unwrap().push_str(&shown);
    Ok(())
}

async fn vault() -> TestKit {
    TestKit::with::<Vault>()
        .and::<Cellar>()
        .and::<show>()
        .start()
        .await
}

async fn error(kit: &TestKit, path: &str, body: Json) -> Error {
    let called = kit.anonymous().invoke("vault", path, body.clone()).await;
    called.expect_err(&format!("{path} {body}"))
}

#[tokio::test]
async fn empty_segments_of_a_path_mean_nothing() {
    let kit = vault().await;
    for path in [
        "boxes/7",
        "/boxes/7",
        "//boxes/7",
        "/boxes//7",
        "/boxes/7/",
        "///boxes///7//",
    ] {
        let called = kit.anonymous().invoke("vault", path, Json::Null).await;
        assert_eq!(json!([7, null]), called.unwrap(), "{path}");
    }
    for path in ["", "/", "//", "/boxes/", "/boxes//"] {
        assert_eq!(
            14002,
            error(&kit, path, Json::Null).await.code().number(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_stranger_hears_no_name_of_what_is_not_for_strangers() {
    let kit = vault().await;
    let stranger = kit.anonymous();
    let message = stranger
        .invoke("nothing", "/x", Json::Null)
        .await
        .unwrap_err();
    assert_eq!(14001, message.code().number());
    assert!(!message.message().contains("cellar"), "{message:?}");
    for path in ["/nothing", "/burn/slowly/x"] {
        let message = error(&kit, path, Json::Null).await;
        assert_eq!(14002, message.code().number());
        assert!(!message.message().contains("burn "), "{message:?}");
        assert!(!message.message().contains("/burn,"), "{message:?}");
        assert!(message.message().contains("/boxes/{number}"), "{message:?}");
    }
    let call = ServiceRequest::new(Verb::Delete, "vault", "/burn");
    let refused = stranger
        .call_service(call, Execution::Sync)
        .await
        .outcome
        .unwrap_err();
    assert!(!refused.message().contains("takes POST"), "{refused:?}");
    let told = kit
        .code_runner()
        .invoke("vault", "/nothing", Json::Null)
        .await
        .unwrap_err();
    assert!(told.message().contains("POST /burn"), "{told:?}");
    let told = kit
        .code_runner()
        .invoke("nothing", "/x", Json::Null)
        .await
        .unwrap_err();
    assert!(told.message().contains("cellar"), "{told:?}");
}

#[tokio::test]
async fn what_a_stranger_names_comes_back_short_and_on_one_line() {
    let kit = vault().await;
    let long = "x".repeat(200_000);
    for name in [
        long.as_str(),
        "a\nERROR forged\u{1b}[31m",
        "\0",
        "\u{202e}evil",
    ] {
        let stranger = kit.anonymous();
        let mut errors = vec![
            stranger.invoke(name, "/open", json!({})).await.unwrap_err(),
            error(&kit, &format!("/{name}"), json!({})).await,
            error(&kit, "/enter", json!({ name: 1, "pin": "0000" })).await,
            error(&kit, &format!("/boxes/{name}"), Json::Null).await,
            error(&kit, &format!("/boxes/{name}/names/x"), Json::Null).await,
            error(&kit, "/enter", json!({ "pin": "0000", "password": name })).await,
        ];
        errors.push(
            error(
                &kit,
                "/open",
                json!({ "key": { "pin": "0000", "rank": name } }),
            )
            .await,
        );
        for error in errors {
            let (message, log) = (error.message(), error.log());
            assert!(
                message.len() < 1000 && log.len() < 2000,
                "{} {}",
                message.len(),
                log.len()
            );
            let is_bad = |c: char| c.is_control() || c == '\u{202e}';
            assert!(!message.contains(is_bad), "{message:?}");
            assert!(!log.contains(is_bad), "{log:?}");
        }
    }
}

#[tokio::test]
async fn a_secret_that_does_not_fit_is_quoted_nowhere() {
    let kit = vault().await;
    for (path, body) in [
        ("/enter", json!({ "pin": "hunter2" })),
        ("/enter", json!({ "pin": { "hunter2": 1 } })),
        ("/enter", json!({ "pin": "0000", "password": "hunter2" })),
        ("/open", json!({ "key": { "pin": "hunter2", "rank": 1 } })),
        (
            "/open",
            json!({ "key": { "pin": { "hunter2": 2 }, "rank": 1 } }),
        ),
    ] {
        let call = ServiceRequest::new(Verb::Post, "vault", path);
        let call = call.with_body(ServiceBody::Json(body.clone()));
        let debug = format!("{call:?}");
        assert!(!debug.contains("hunter2"), "{debug}");
        let error = error(&kit, path, body).await;
        assert_eq!(8008, error.code().number(), "{error:?}");
        let words = format!("{} {} {error:?}", error.message(), error.log());
        assert!(!words.contains("hunter2"), "{words}");
    }
    let shown = kit.state::<Shown>().0.lock().unwrap().clone();
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[tokio::test]
async fn a_secret_that_fits_is_shown_to_nobody() {
    let kit = vault().await;
    let open = json!({ "key": { "pin": "0000", "rank": 7 } });
    assert_eq!(
        json!(7),
        kit.anonymous()
            .invoke("vault", "/open", open)
            .await
            .unwrap()
    );
    let enter = json!({ "pin": "0000", "password": 4711 });
    assert_eq!(
        Json::Null,
        kit.anonymous()
            .invoke("vault", "/enter", enter)
            .await
            .unwrap()
    );
    let shown = kit.state::<Shown>().0.lock().unwrap().clone();
    assert!(
        shown.contains("vault") && shown.contains("enter"),
        "{shown}"
    );
    assert!(
        !shown.contains("0000") && !shown.contains("4711"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_part_of_the_path_is_not_given_again_by_the_body() {
    let kit = vault().await;
    let called = kit
        .anonymous()
        .invoke("vault", "/boxes/7/names/a", json!({ "number": 8 }))
        .await;
    assert_eq!(14009, called.unwrap_err().code().number());
    let called = kit
        .anonymous()
        .invoke("vault", "/boxes/7", json!({ "number": 8 }))
        .await;
    assert_eq!(14009, called.unwrap_err().code().number());
}

#[tokio::test]
async fn numbers_fit_or_are_refused_and_never_wrap_around() {
    let kit = vault().await;
    for (number, fits) in [
        ("18446744073709551615", true),
        ("0", true),
        ("18446744073709551616", false),
        ("-1", false),
        ("1.5", false),
        ("1e3", false),
        ("1e999999", false),
        ("NaN", false),
        ("0x10", false),
        ("", false),
        ("null", false),
        ("true", false),
        ("[1]", false),
        ("{}", false),
    ] {
        let path = format!("/boxes/{number}");
        let called = kit.anonymous().invoke("vault", &path, Json::Null).await;
        assert_eq!(fits, called.is_ok(), "{number:?} {called:?}");
    }
}

#[tokio::test]
async fn texts_that_look_like_something_else_are_texts() {
    let kit = vault().await;
    for text in [
        "5",
        "null",
        "true",
        "{\"a\":1}",
        "\"quoted\"",
        "",
        "\0",
        "\u{fffd}",
        "a&b=c",
    ] {
        let call = ServiceRequest::new(Verb::Get, "vault", "/boxes/1").with_query("note", text);
        let called = kit
            .anonymous()
            .call_service(call, Execution::Sync)
            .await
            .outcome;
        assert_eq!(Some(json!([1, text])), called.unwrap(), "{text:?}");
    }
}

#[tokio::test]
async fn a_key_of_the_query_that_is_given_twice_is_refused() {
    let kit = vault().await;
    let call = ServiceRequest::new(Verb::Get, "vault", "/boxes/1");
    let call = call.with_query("note", "a").with_query("note", "b");
    let called = kit
        .anonymous()
        .call_service(call, Execution::Sync)
        .await
        .outcome;
    let error = called.unwrap_err();
    assert_eq!(14009, error.code().number());
    assert!(error.message().contains("note"), "{error:?}");
}
