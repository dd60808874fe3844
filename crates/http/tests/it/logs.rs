//! What stands in the log, and above all what does not.

use std::{
    io,
    sync::{Mutex, Once},
};

use http::Method;
use serde_json::json;
use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};
use vestibule::prelude::*;

use crate::app::{ADMIN_TOKEN, APP_ID, App, BL_KEY, EMAIL, JS_KEY, PASSWORD};

/// Everything that any test of this binary logs: a subscriber of one thread would race with the
/// other threads for what is enabled.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

static START: Once = Once::new();

struct Log;

impl Log {
    fn start() -> Self {
        START.call_once(|| {
            tracing_subscriber::fmt()
                .with_ansi(false)
                .with_env_filter(EnvFilter::new("vestibule=trace"))
                .with_span_events(FmtSpan::FULL)
                .with_writer(|| Log)
                .init();
        });
        Self
    }

    fn text(&self) -> String {
        String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Breaks.
#[before(collect = false)]
async fn break_down(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Err(Error::internal("the cupboard is empty"))
}

#[tokio::test]
async fn an_internal_error_is_logged_once_with_the_id_of_its_request_and_its_route() {
    let log = Log::start();
    let app = App::with(|builder| builder.handler::<break_down>()).await;
    let ask = app.post("/users/register/guest");
    let answer = ask.header("x-request-id", "id-1").send().await;
    answer.refused(500, 0);
    let text = log.text();
    assert_eq!(1, text.matches("the cupboard is empty").count(), "{text}");
    let line = text.lines().find(|line| line.contains("cupboard")).unwrap();
    assert!(line.contains("id-1"), "{line}");
    assert!(line.contains("/api/users/register/guest"), "{line}");
}

#[tokio::test]
async fn each_call_of_a_handler_is_a_span_in_that_of_its_request_and_says_how_it_failed() {
    let log = Log::start();
    let app = App::with(|builder| builder.handler::<break_down>()).await;
    let ask = app.post("/users/register/guest");
    ask.header("x-request-id", "the-span").send().await;
    let text = log.text();
    let began = r#"handler{handler.name="it::logs::break_down" handler.phase="before" event.name="loginAsGuest"}: vestibule::handler: new"#;
    let ended = r#"event.name="loginAsGuest" handler.failure="failed"}: vestibule::handler: close"#;
    for part in [began, ended] {
        let line = text
            .lines()
            .find(|line| line.contains("the-span") && line.contains(part));
        assert!(line.is_some(), "{part} is not in\n{text}");
    }
}

#[tokio::test]
async fn no_key_no_token_and_no_password_is_ever_logged() {
    let log = Log::start();
    let app = App::start().await;
    let (id, token) = app.ann().await;
    app.get(&format!("/users/isvalidusertoken/{token}"))
        .token(&token)
        .send()
        .await;
    app.get("/users/logout").token(&token).send().await.empty();
    app.get("/users/logout")
        .token(&token)
        .send()
        .await
        .refused(401, 3064);
    let body = json!({ "password": PASSWORD });
    let verify = app.post("/users/verifypassowrd").key(BL_KEY).token(&token);
    verify.json(&body).send().await.refused(401, 3064);
    let login = json!({ "objectId": id });
    app.post("/users/login")
        .key(BL_KEY)
        .json(&login)
        .send()
        .await
        .ok();
    let login = json!({ "login": EMAIL, "password": "a-wrong-password" });
    app.post("/users/login")
        .json(&login)
        .send()
        .await
        .refused(401, 3003);
    let unknown = format!("/{APP_ID}/a-wrong-key/users/login");
    app.raw(Method::POST, &unknown)
        .send()
        .await
        .refused(400, 2002);
    app.admin(Method::GET, "/app").send().await.ok();
    let text = log.text();
    assert!(
        text.contains("/api/users/isvalidusertoken/{token}"),
        "{text}"
    );
    let secret = token.split_once('.').unwrap().1;
    for secret in [
        secret,
        JS_KEY,
        BL_KEY,
        ADMIN_TOKEN,
        PASSWORD,
        "a-wrong-password",
        "a-wrong-key",
        EMAIL,
    ] {
        assert!(!text.contains(secret), "{secret} is in\n{text}");
    }
}
