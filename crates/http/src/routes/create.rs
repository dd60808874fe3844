use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::{RecordBody, parse_record};

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// `POST /data/{table}`: a new record.
pub(crate) async fn create(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let record = parse_record(body)?;
    let reply = engine.create_record(request, &table, record).await;
    Ok(answer::reply(reply, |record| {
        answer::json(&RecordBody(record))
    }))
}
