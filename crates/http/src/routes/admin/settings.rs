use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::admin::{SettingsBody, parse_settings};

use crate::{answer, error::Refusal, receive::JsonObject, url_query::NoQuery};

/// `GET /admin/api/settings`: all settings.
pub(crate) async fn settings(State(engine): State<Engine>, _: NoQuery) -> Response {
    answer::json(&SettingsBody(&engine.settings()))
}

/// `PATCH /admin/api/settings`: changes those that were sent, all of them or none; answers all.
pub(crate) async fn change_settings(
    State(engine): State<Engine>,
    _: NoQuery,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    let changes = parse_settings(body)?;
    if changes.is_empty() {
        return Ok(answer::json(&SettingsBody(&engine.settings())));
    }
    let settings = engine.change_settings(&changes).await?;
    Ok(answer::json(&SettingsBody(&settings)))
}
