use axum::{extract::State, response::Response};
use vestibule_core::{ClientRequest, Engine, Find};
use vestibule_model::Query;
use vestibule_wire::{RowBody, parse_query};

use crate::{
    answer, error::Refusal, receive::JsonObject, segments::Segments, url_query::UrlQuery,
    visitor::Visitor,
};

/// `POST /data/{table}/find`: a page of records, or of what is computed from them.
pub(crate) async fn find(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(query) = body?;
    Ok(rows(&engine, request, table, parse_query(&query)?).await)
}

/// `GET /data/{table}?pageSize=..&where=..`: the same, with the query in the URL.
pub(crate) async fn find_by_query(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    query: Result<UrlQuery, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    Ok(rows(&engine, request, table, query?.query()?).await)
}

async fn rows(engine: &Engine, request: ClientRequest, table: String, query: Query) -> Response {
    let reply = engine.submit(request, Find::new(table, query)).await;
    answer::reply(reply, |rows| {
        let rows: Vec<_> = rows.iter().map(RowBody).collect();
        answer::json(&rows)
    })
}
