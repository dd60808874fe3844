use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_model::KeyKind;
use vestibule_wire::AppInfo;

use crate::answer;

/// `GET /info`: what the SDK asks when it starts. A stale token does not matter here.
pub(crate) async fn info(State(engine): State<Engine>) -> Response {
    let app = engine.app();
    answer::json(&AppInfo {
        app_id: &app.id,
        api_key: app.key(KeyKind::Js),
        loggers: [],
    })
}
