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
#[serde(rename_all = "camelCase")]
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
    /// Its place among the handlers of its phase, as it counts now.
    pub order: i32,
    /// The place that its author or the configuration gave it.
    pub own_order: i32,
    /// Handlers that it wants to run before, whatever the orders say.
    pub runs_before: &'a [&'a str],
    /// Handlers that it wants to run after, likewise.
    pub runs_after: &'a [&'a str],
    /// The table it is for; null for all.
    pub table: Option<&'a str>,
    /// How long one call of it may take.
    pub timeout: u64,
    /// What its failure means for the call: `open` or `closed`.
    pub policy: &'a str,
    /// After how many failures in a row the server switches it off; null for never.
    pub disable_after: Option<u32>,
    /// Whether it runs. Whether its ticks run a timer is told with the timers.
    pub enabled: bool,
    /// Why it does not run; null if it does.
    pub reason: Option<String>,
    /// The file that it stands in.
    pub file: &'a str,
    /// The line that it stands on.
    pub line: u32,
    /// How often it ran.
    pub calls: u64,
    /// How often it failed.
    pub failures: u64,
    /// The same, by how it failed.
    pub failures_by_kind: FailuresBody,
    /// What it failed with last; null if it never did.
    pub last_failure: Option<LastFailureBody>,
    /// The time that half of its calls stayed below, within a factor of two; null before the first.
    pub p50: Option<f64>,
    /// The time that 99 of a hundred calls stayed below, likewise.
    pub p99: Option<f64>,
}

/// How often a handler failed, by how it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FailuresBody {
    /// It panicked.
    pub panicked: u64,
    /// It did not finish in its time.
    pub timed_out: u64,
    /// It met an error that nobody meant.
    pub failed: u64,
}

/// What a handler failed with last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LastFailureBody {
    /// When, in milliseconds.
    pub at: i64,
    /// How: `panicked`, `timed_out` or `failed`.
    pub kind: &'static str,
    /// In the words of the log.
    pub error: String,
}
