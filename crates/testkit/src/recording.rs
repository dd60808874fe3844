//! What observers saw of a test, to be repeated.

use std::sync::{Mutex, MutexGuard, PoisonError};

use vestibule::prelude::*;
use vestibule_core::Json;

use crate::{
    TestClient, TestKit,
    client::{PASSWORD, not_forever},
};

/// Lines that are kept at most; later ones are left out.
const LINES_AT_MOST: usize = 100_000;

/// The lines so far.
#[derive(Debug, Default)]
struct Recording(Mutex<Vec<String>>);

impl Recording {
    fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        // Each change leaves a sound list, so a poisoned lock holds one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes down what it sees.
#[observe(collect = false)]
pub(crate) async fn record(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let recording = witness.state::<Recording>();
    let mut lines = recording.lines();
    if lines.len() < LINES_AT_MOST {
        lines.push(seen.to_json_line(witness.now()));
    }
    Ok(())
}

impl TestKit {
    /// What observers have seen so far, one call a line, secrets masked: the same JSON that the handler
    /// `audit-log` writes. [`TestClient::replay`] runs such a line again.
    ///
    /// Calls that handlers made by cloud code have lines of their own; their `roles` are
    /// `["ServerCodeUser"]`.
    ///
    /// # Panics
    /// Fails the test if the kit was not built to be
    /// [`recorded`](crate::TestKitBuilder::recorded).
    pub fn recording(&self) -> Vec<String> {
        let handlers = self.engine.handlers();
        let is_recorded = handlers.iter().any(|one| one.meta.path == recorder());
        assert!(
            is_recorded,
            "this kit is not recorded; build it with `.recorded()`"
        );
        self.state::<Recording>().lines().clone()
    }
}

impl TestClient<'_> {
    /// Runs an event again that was recorded: a line of [`TestKit::recording`], or of the file
    /// `audit-log/events.jsonl` of a server. Answers the output as observers see it.
    ///
    /// ```
    /// use vestibule::prelude::*;
    /// use vestibule_testkit::TestKit;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let kit = TestKit::bare().start().await;
    /// let line = r#"{"event": "register", "input": {"properties": {"email": "ann@example.com"}}}"#;
    /// let ann = kit.anonymous().replay(line).await?;
    /// assert_eq!("ann@example.com", ann["properties"]["email"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// This client makes the call, whoever made it then. A password was not recorded, so it is the one
    /// of every user of the kit, `secret`; with [`submit_by_name`](TestClient::submit_by_name) it is
    /// what the test says. Other secrets are `***`.
    ///
    /// # Errors
    /// 3042 for events that clients cannot ask for; 8008 for ids that do not fit any more, and what the
    /// call comes to.
    ///
    /// # Panics
    /// Fails the test if the line is none of a recording, or if what it recorded was too long to be
    /// kept.
    pub async fn replay(&self, line: &str) -> Result<Json> {
        let (event, mut input) = parse(line);
        if let Some(fields) = input.as_object_mut() {
            let takes_one = match event.as_str() {
                "register" | "convertGuest" | "login" | "verifyPassword" => true,
                "updateUser" | "setPasswordByLink" => {
                    fields.get("changesPassword") == Some(&Json::Bool(true))
                }
                _ => false,
            };
            if takes_one {
                fields.insert("password".to_owned(), PASSWORD.into());
            }
        }
        self.submit_by_name(&event, input).await
    }

    /// Runs an event by its name, with its fields as observers see them, and secrets in the clear
    /// besides: `json!({"login": "ann@example.com", "password": "secret"})` for `login`. Answers the
    /// output as observers see it.
    ///
    /// # Errors
    /// 3042 if clients cannot ask for such an event, 8008 with the field's path if the fields do not
    /// fit, and what the call comes to.
    ///
    /// # Panics
    /// Fails the test if the client's token is dead.
    pub async fn submit_by_name(&self, event: &str, input: Json) -> Result<Json> {
        let (kit, request) = (self.kit(), self.request().await);
        let call = kit.unreliable.calls.begin(event);
        let outcome = not_forever(kit.engine.submit_by_name(request, event, input)).await;
        call.end(outcome.is_err());
        not_forever(kit.engine.observed()).await;
        outcome
    }
}

/// The path of the handler that records.
pub(crate) fn recorder() -> &'static str {
    concat!(module_path!(), "::record")
}

fn parse(line: &str) -> (String, Json) {
    let parsed: Result<Json, _> = line.parse();
    let mut line = parsed.unwrap_or_else(|error| panic!("this is no line of a recording: {error}"));
    let input = line["input"].take();
    let Some(event) = line["event"].as_str() else {
        panic!("this is no line of a recording: it names no event");
    };
    if let Some(bytes) = input.get("left_out_bytes") {
        panic!("the input of this {event} was left out: it had {bytes} bytes");
    }
    (event.to_owned(), input)
}
