use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error};
use vestibule_model::{ErrorCode, Value};
use vestibule_wire::{RecordBody, RowBody};

use crate::{
    answer, error::Refusal, receive::JsonObject, record_id::record_id, segments::Segments,
    url_query::UrlQuery,
};

/// What an operator may say about the rows to see.
const KEYS: [&str; 4] = ["where", "sortBy", "pageSize", "offset"];

/// Longest key that is repeated in an error.
const SHOWN_AT_MOST: usize = 64;

/// `GET /admin/api/tables/{name}/rows?where=..&sortBy=..&pageSize=..&offset=..`: rows of any table,
/// whoever owns them.
pub(crate) async fn rows(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    query: UrlQuery,
) -> Result<Response, Refusal> {
    let mut names = query.pairs().iter().map(|(name, _)| name.as_str());
    if let Some(unknown) = names.find(|name| !KEYS.contains(name)) {
        let shown: String = unknown.chars().take(SHOWN_AT_MOST).collect();
        let message = format!("'{shown}' does not belong here; leave it out");
        return Err(Error::new(ErrorCode::InvalidParameter, message).into());
    }
    let rows = engine.rows_for_operator(&table, &query.query()?).await?;
    let rows: Vec<_> = rows.iter().map(RowBody).collect();
    Ok(answer::json(&rows))
}

/// `PATCH /admin/api/tables/{name}/rows/{id}`: changes columns of one row, which is answered.
pub(crate) async fn edit_row(
    State(engine): State<Engine>,
    Segments([table, id]): Segments<2>,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    let (id, columns) = (record_id(&id)?, Value::properties_from_json(body));
    let record = engine.edit_row_for_operator(&table, &id, columns).await?;
    Ok(answer::json(&RecordBody(&record)))
}
