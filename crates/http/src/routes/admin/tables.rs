use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::admin::{TableBody, parse_new_table};

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, url_query::NoQuery};

/// `GET /admin/api/tables`: all tables and their columns.
pub(crate) async fn tables(State(engine): State<Engine>, _: NoQuery) -> Result<Response, Refusal> {
    let catalogue = engine.catalogue().await?;
    let tables = catalogue.tables.iter();
    let tables = tables.map(|table| TableBody::of(table, engine.is_server_only(&table.name)));
    let tables: Vec<_> = tables.collect();
    Ok(answer::json(&tables))
}

/// `POST /admin/api/tables`: a new table with the columns that every table has.
pub(crate) async fn create_table(
    State(engine): State<Engine>,
    _: NoQuery,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    let table = engine.create_table(&parse_new_table(body)?).await?;
    Ok(answer::created(&TableBody::of(
        &table,
        engine.is_server_only(&table.name),
    )))
}

/// `DELETE /admin/api/tables/{name}`: a table goes with its rows.
pub(crate) async fn drop_table(
    State(engine): State<Engine>,
    Segments([name]): Segments<1>,
    _: NoQuery,
) -> Result<Response, Refusal> {
    engine.drop_table(&name).await?;
    Ok(answer::empty())
}
