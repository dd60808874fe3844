use serde::Serialize;
use serde_json::Value as Json;

/// What is answered to whoever asks for an explanation: the answer, and how it came about.
#[derive(Debug, Serialize)]
pub struct ExplainedBody<'a> {
    /// The status of the answer, which this one has as well.
    pub status: u16,
    /// The body that the answer would have; null if it would have none.
    pub answer: Json,
    /// The call and those that it led to, in the order in which they began.
    pub calls: Vec<ExplainedCallBody<'a>>,
}

/// One call. Durations are in milliseconds; secrets are masked.
#[derive(Debug, Serialize)]
pub struct ExplainedCallBody<'a> {
    /// The name of the event.
    pub event: &'a str,
    /// What it is about: a table, a method, a timer; null if about nothing in particular.
    pub about: Option<&'a str>,
    /// How many calls led to it.
    pub depth: usize,
    /// The event as it came.
    pub input: &'a Json,
    /// What was done, in its order.
    pub steps: Vec<ExplainedStepBody<'a>>,
    /// How it ended: `performed`, `responded`, `denied`, `refused`, `panicked`, `timed_out` or
    /// `abandoned`; null while it runs.
    pub ending: Option<&'a str>,
    /// What its caller gets: the output, or `{"code", "message"}`.
    pub output: &'a Json,
    /// How long it took.
    pub took: f64,
}

/// What a handler did, or the operation.
#[derive(Debug, Serialize)]
pub struct ExplainedStepBody<'a> {
    /// The path of the handler; null for the operation.
    pub handler: Option<&'a str>,
    /// When it runs: `before`, `after`, or `operation`.
    pub phase: &'a str,
    /// What it decided.
    pub decision: &'a str,
    /// How long it took.
    pub took: f64,
    /// What it changed: of the event, or of the outcome.
    pub changes: Vec<FieldChangeBody<'a>>,
}

/// A field that was changed.
#[derive(Debug, Serialize)]
pub struct FieldChangeBody<'a> {
    /// Which one, as a JSON pointer (RFC 6901).
    pub field: &'a str,
    /// What it was; left out if it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<&'a Json>,
    /// What it is now; left out if it is there no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<&'a Json>,
}
