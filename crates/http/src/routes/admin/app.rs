use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::admin::AppBody;

use crate::{answer, url_query::NoQuery};

/// `GET /admin/api/app`: the app's id and keys.
pub(crate) async fn app(State(engine): State<Engine>, _: NoQuery) -> Response {
    let app = engine.app();
    let keys = app.keys.iter().map(|(kind, key)| (*kind, key.as_str()));
    answer::json(&AppBody::new(&app.id, keys))
}
