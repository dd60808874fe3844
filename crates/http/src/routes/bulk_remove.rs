use axum::{extract::State, response::Response};
use vestibule_core::{BulkRemove, Engine};
use vestibule_wire::parse_bulk_where;

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// `POST /data/bulk/{table}/delete`: many records go; answers how many.
pub(crate) async fn bulk_remove(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let event = BulkRemove::new(table, parse_bulk_where(&body)?);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, answer::json))
}
