use axum::{extract::State, response::Response};
use schemars::JsonSchema;
use serde::Serialize;
use vestibule_core::{Engine, Error};

use crate::{answer, error::Refusal};

/// How the server is.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Health {
    status: &'static str,
}

/// `GET /healthz`: the process is alive, whatever else is not.
pub(crate) async fn healthz() -> Response {
    answer::json(&Health { status: "alive" })
}

/// `GET /readyz`: the engine takes calls and its database answers; 503 otherwise.
pub(crate) async fn readyz(State(engine): State<Engine>) -> Result<Response, Refusal> {
    let checked = engine.check().await;
    checked.map_err(|error| {
        Error::unavailable(error.log()).saying("the server is not ready to take calls")
    })?;
    Ok(answer::json(&Health { status: "ready" }))
}
