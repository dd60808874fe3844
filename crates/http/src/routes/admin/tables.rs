use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::admin::TableBody;

use crate::{answer, error::Refusal};

/// `GET /admin/api/tables`: all tables and their columns.
pub(crate) async fn tables(State(engine): State<Engine>) -> Result<Response, Refusal> {
    let catalogue = engine.catalogue().await?;
    let tables: Vec<_> = catalogue.tables.iter().map(TableBody::of).collect();
    Ok(answer::json(&tables))
}
