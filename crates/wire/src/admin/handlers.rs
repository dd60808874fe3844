use schemars::JsonSchema;
use serde::Serialize;

/// The effective chain of one event, for the operator.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EventBody<'a> {
    /// The event; `*` for observers of all.
    pub event: &'a str,
    /// Who may run it from outside, if it is an event of the app's own that a handler answers:
    /// `anyone`, `user` (whoever has a session), `role` and its name, or `server`. Null otherwise.
    pub access: Option<String>,
    /// Its handlers, in the order in which they run.
    pub handlers: Vec<HandlerBody<'a>>,
}

/// One handler in the chain of an event. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HandlerBody<'a> {
    /// Its name: `crate::module::function`.
    pub path: &'a str,
    /// The crate that it comes from.
    #[serde(rename = "crate")]
    pub crate_name: &'a str,
    /// When it runs: `before`, `answer`, `service`, `timer`, `after` or `observe`.
    pub phase: &'a str,
    /// The service and the method that it is, `magic-link POST /send`; null if it is none.
    pub method: Option<String>,
    /// Who may call that method from outside, in the words of an event's access.
    pub access: Option<String>,
    /// When it runs by itself, `every 1h`; null if it is no timer.
    pub schedule: Option<String>,
    /// Its place among the handlers of its phase.
    pub order: i32,
    /// The table it is for; null for all.
    pub table: Option<&'a str>,
    /// How long one call of it may take.
    pub timeout: u64,
    /// What its failure means for the call: `open` or `closed`.
    pub policy: &'a str,
    /// Whether it runs.
    pub enabled: bool,
    /// The file that it stands in.
    pub file: &'a str,
    /// The line that it stands on.
    pub line: u32,
    /// How often it ran.
    pub calls: u64,
    /// How often it failed.
    pub failures: u64,
    /// The time that half of its calls stayed below, within a factor of two; null before the first.
    pub p50: Option<f64>,
    /// The time that 99 of a hundred calls stayed below, likewise.
    pub p99: Option<f64>,
}
