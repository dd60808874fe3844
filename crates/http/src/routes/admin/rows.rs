use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_model::Value;
use vestibule_wire::{RecordBody, RowBody};

use crate::{
    answer,
    error::Refusal,
    receive::JsonObject,
    record_id::record_id,
    segments::Segments,
    url_query::{NoQuery, UrlQuery},
};

/// What an operator may say about the rows to see.
const KEYS: [&str; 4] = ["where", "sortBy", "pageSize", "offset"];

/// `GET /admin/api/tables/{name}/rows?where=..&sortBy=..&pageSize=..&offset=..`: rows of any table,
/// whoever owns them.
pub(crate) async fn rows(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    query: UrlQuery,
) -> Result<Response, Refusal> {
    query.only(&KEYS)?;
    let rows = engine.rows_for_operator(&table, &query.query()?).await?;
    let rows: Vec<_> = rows.iter().map(RowBody).collect();
    Ok(answer::json(&rows))
}

/// `PATCH /admin/api/tables/{name}/rows/{id}`: changes columns of one row, which is answered.
pub(crate) async fn edit_row(
    State(engine): State<Engine>,
    Segments([table, id]): Segments<2>,
    _: NoQuery,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    let (id, columns) = (record_id(&id)?, Value::properties_from_json(body));
    let record = engine.edit_row_for_operator(&table, &id, columns).await?;
    Ok(answer::json(&RecordBody(&record)))
}
