use axum::{extract::State, response::Response};
use vestibule_core::{DeepSave, Engine};
use vestibule_wire::{RecordBody, parse_deep_record};

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// `PUT /data/{table}/deep-save`: a record with the records that it relates to.
pub(crate) async fn deep_save(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let event = DeepSave::new(table, parse_deep_record(body)?);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |record| {
        answer::json(&RecordBody(record))
    }))
}
