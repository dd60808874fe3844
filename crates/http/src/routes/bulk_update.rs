use axum::{extract::State, response::Response};
use vestibule_core::{BulkUpdate, Engine, Error};
use vestibule_model::ErrorCode;
use vestibule_wire::parse_record;

use crate::{
    answer, error::Refusal, receive::JsonObject, segments::Segments, url_query::UrlQuery,
    visitor::Visitor,
};

/// `PUT /data/bulk/{table}?where=..`: the same change of many records; answers how many.
pub(crate) async fn bulk_update(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    query: Result<UrlQuery, Refusal>,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let (query, JsonObject(body)) = (query?, body?);
    let Some(clause) = query.text("where") else {
        let message = "'where' is required in the URL: it says which records are meant";
        return Err(Error::new(ErrorCode::InvalidParameter, message).into());
    };
    let event = BulkUpdate::new(table, clause, parse_record(body)?);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, answer::json))
}
