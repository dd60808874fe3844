//! Events for some callers and not for others. Each answers who it was run by.

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

/// Who runs an event.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Caller {
    user_id: Option<String>,
    is_server_code: bool,
}

impl Caller {
    pub(crate) fn of(ctx: &Context) -> Self {
        Self {
            user_id: ctx.call().caller.id().map(ToString::to_string),
            is_server_code: ctx.call().has_role("ServerCodeUser"),
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "forAnyone", output = Caller, access = anyone)]
struct ForAnyone {}

#[answer]
async fn answer_anyone(_event: ForAnyone, ctx: &Context) -> Result<Caller> {
    Ok(Caller::of(ctx))
}

#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "forUsers", output = Caller, access = user)]
struct ForUsers {}

#[answer]
async fn answer_users(_event: ForUsers, ctx: &Context) -> Result<Caller> {
    Ok(Caller::of(ctx))
}

#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "forSupport", output = Caller, access = role("Support"))]
struct ForSupport {}

#[answer]
async fn answer_support(_event: ForSupport, ctx: &Context) -> Result<Caller> {
    Ok(Caller::of(ctx))
}

#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "forServerCode", output = Caller, access = server)]
struct ForServerCode {}

#[answer]
async fn answer_server_code(_event: ForServerCode, ctx: &Context) -> Result<Caller> {
    Ok(Caller::of(ctx))
}
