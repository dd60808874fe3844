use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::{RecordBody, parse_record};

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// `PUT /data/{table}/upsert`: a record is changed if it is there, and made if it is not.
pub(crate) async fn upsert(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let record = parse_record(body)?;
    let reply = engine.upsert_record(request, &table, record).await;
    Ok(answer::reply(reply, |record| {
        answer::json(&RecordBody(record))
    }))
}
