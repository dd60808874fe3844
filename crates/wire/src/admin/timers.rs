use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::keys::{Keys, wrong};
use crate::BadRequest;

/// One timer and how it stands, for the operator. Times and durations are in milliseconds.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct TimerBody<'a> {
    /// Its name: `crate::module::function`.
    pub path: &'a str,
    /// The crate that it comes from.
    #[serde(rename = "crate")]
    pub crate_name: &'a str,
    /// When it runs, in words: `every 1h`.
    pub schedule: String,
    /// What a tick does that comes while the timer still runs: `skip` or `wait`.
    pub overlap: &'a str,
    /// What becomes of ticks that came while no server ran: `once` or `skip`.
    pub missed: &'a str,
    /// How long a tick is put off at most, by chance.
    pub jitter: u64,
    /// How long one run may take.
    pub timeout: u64,
    /// The file that it stands in.
    pub file: &'a str,
    /// The line that it stands on.
    pub line: u32,
    /// Whether its ticks run it.
    pub enabled: bool,
    /// Its next tick; null if there will be no more.
    pub due: Option<i64>,
    /// Its run that has not ended; null if it does not run.
    pub running: Option<RunningBody>,
    /// Its run that ended last; null before the first.
    pub last_run: Option<LastRunBody<'a>>,
    /// How many runs have ended.
    pub runs: u64,
    /// How many of them failed.
    pub failures: u64,
    /// How many ticks did not run it, since it still ran or no server did.
    pub skipped: u64,
}

/// A run of a timer that goes on.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RunningBody {
    /// When it began.
    pub since: i64,
    /// When it counts as failed, should its server have gone away.
    pub until: i64,
}

/// A run of a timer that has ended.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LastRunBody<'a> {
    /// When it began.
    pub began: i64,
    /// When it ended.
    pub ended: i64,
    /// Why it failed, in the words of the log; null if it did not.
    pub error: Option<&'a str>,
}

/// Reads what `PATCH /timers/{path}` sends: whether the timer is to be enabled.
///
/// # Errors
/// 8008 with the key's name for an unknown key, and if `enabled` is absent or no yes or no.
pub fn parse_timer_change(body: Map<String, Json>) -> Result<bool, BadRequest> {
    let mut keys = Keys(body);
    let Some(Json::Bool(enabled)) = keys.given("enabled") else {
        return Err(wrong("enabled", "is required, and must be true or false"));
    };
    keys.done()?;
    Ok(enabled)
}

/// Reads what `POST /timers/{path}/run` sends: nothing.
///
/// # Errors
/// 8008 with the key's name for any key.
pub fn parse_timer_run(body: Map<String, Json>) -> Result<(), BadRequest> {
    Keys(body).done()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(body: &Json) -> Map<String, Json> {
        body.as_object().unwrap().clone()
    }

    #[test]
    fn a_timer_is_enabled_or_not_and_nothing_else() {
        for enabled in [true, false] {
            let body = json!({ "enabled": enabled });
            assert_eq!(enabled, parse_timer_change(object(&body)).unwrap());
        }
        for (name, body) in [
            ("enabled", json!({})),
            ("enabled", json!({ "enabled": null })),
            ("enabled", json!({ "enabled": "true" })),
            ("due", json!({ "enabled": true, "due": 0 })),
        ] {
            let refusal = parse_timer_change(object(&body)).unwrap_err();
            assert_eq!(8008, refusal.code.number());
            assert!(refusal.message.contains(name), "{refusal}");
        }
    }

    #[test]
    fn a_run_takes_nothing() {
        assert!(parse_timer_run(Map::new()).is_ok());
        let refusal = parse_timer_run(object(&json!({ "missed": 3 }))).unwrap_err();
        assert_eq!(8008, refusal.code.number());
        assert!(refusal.message.contains("missed"), "{refusal}");
    }
}
