use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use vestibule_core::{ClientRequest, Engine, Error};
use vestibule_model::{ErrorCode, USERS};
use vestibule_wire::{FindQuery, UserBody};

use super::read_user::check_columns;
use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// `POST /data/{table}/find`: a page of records, the newest first. So far of `Users` alone.
pub(crate) async fn find(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    require_users(&table)?;
    let JsonObject(query) = body?;
    find_users(&engine, request, &FindQuery::from_body(&query)?).await
}

/// `GET /data/{table}?pageSize=..&offset=..`: the same, with the query in the URL.
pub(crate) async fn find_by_query(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    require_users(&table)?;
    let query = query.unwrap_or_default();
    let query = FindQuery::from_pairs(form_urlencoded::parse(query.as_bytes()))?;
    find_users(&engine, request, &query).await
}

async fn find_users(
    engine: &Engine,
    request: ClientRequest,
    query: &FindQuery,
) -> Result<Response, Refusal> {
    check_columns(engine, &query.projection).await?;
    let users = engine
        .find_users(request, query.offset, query.page_size)
        .await?;
    let bodies: Vec<_> = users
        .iter()
        .map(|user| UserBody::projected(user, &query.projection))
        .collect();
    Ok(answer::json(&bodies))
}

/// Refuses every other table: there is none yet. The text is the platform's own, double wrapping
/// included.
pub(super) fn require_users(table: &str) -> Result<(), Refusal> {
    if table == USERS {
        return Ok(());
    }
    let message = format!(
        "Table not found by name 'Table not found by name '{table}'. Make sure the client class \
         referenced in the API call has the same literal name as the table in Backendless console'"
    );
    Err(Error::new(ErrorCode::TableNotFound, message).into())
}
