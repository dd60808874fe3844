use axum::{extract::State, response::Response};
use vestibule_core::{Count, Engine};
use vestibule_wire::parse_query;

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// `POST /data/{table}/count`: how many records there are, as a bare number.
pub(crate) async fn count(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(query) = body?;
    let event = Count::new(table, parse_query(&query)?);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, answer::json))
}
