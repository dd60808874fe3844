use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// `GET /guests`: guests in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[serde(rename_all = "camelCase")]
pub struct GuestNumbersBody<'a> {
    /// How many there are; null before they were counted.
    pub now: Option<GuestCountsBody>,
    /// What happened since the server started.
    pub since_start: GuestEventsBody<'a>,
}

/// How many guests there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[serde(rename_all = "camelCase")]
pub struct GuestCountsBody {
    /// Altogether.
    pub all: u64,
    /// With a live session.
    pub active: u64,
    /// Without one; they are about to go.
    pub expired: u64,
    /// Without one, and kept by a handler.
    pub kept: u64,
    /// When they were counted, in milliseconds.
    pub counted_at: i64,
}

/// What happened to guests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct GuestEventsBody<'a> {
    /// How many came in.
    pub made: u64,
    /// How many registered.
    pub converted: u64,
    /// How many were removed, since they were gone.
    pub purged: u64,
    /// How often one who was gone was kept, by reason.
    pub kept: BTreeMap<&'a str, u64>,
}

/// `GET /guests/plan`: who would go now and who would stay, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[serde(rename_all = "camelCase")]
pub struct GuestsPlanBody<'a> {
    /// The setting `guests.cleanup`.
    pub cleanup: bool,
    /// The setting `guests.sweepSeconds`.
    pub sweep_seconds: u32,
    /// The setting `guests.ownedRows`.
    pub owned_rows: &'a str,
    /// Handlers that were not asked and may keep some who would go.
    pub handlers: usize,
    /// How many there are. Those who are active are counted and not listed.
    pub now: GuestCountsBody,
    /// Those who have no live session by the rows of the database.
    pub guests: Vec<PlannedGuestBody<'a>>,
    /// What to send as `after` for the next page; null on the last one.
    pub next: Option<String>,
}

/// What would become of one guest. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[serde(rename_all = "camelCase")]
pub struct PlannedGuestBody<'a> {
    /// Who.
    pub object_id: &'a str,
    /// When it came in.
    pub created: i64,
    /// Whether it would go.
    pub goes: bool,
    /// Why: `sessionExpired` and `noSession` go; `liveSession`, `call`, `ownedRows`, `handler` and
    /// `cleanupIsOff` stay.
    pub why: &'a str,
    /// Since when it is gone, as far as that is known.
    pub since: Option<i64>,
    /// Until when a handler keeps it.
    pub until: Option<i64>,
}
