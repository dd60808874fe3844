use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::{RecordBody, parse_record, take_object_id};

use crate::{
    answer, error::Refusal, receive::JsonObject, record_id::record_id, segments::Segments,
    visitor::Visitor,
};

/// `PUT /data/{table}/{id}`: the columns that were sent change, the others stay.
pub(crate) async fn update(
    State(engine): State<Engine>,
    Segments([table, id]): Segments<2>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let mut changes = parse_record(body)?;
    // The path says which record is meant; clients send their whole object with it.
    take_object_id(&mut changes)?;
    let id = record_id(&id)?;
    let reply = engine.update_record(request, &table, id, changes).await;
    Ok(answer::reply(reply, |record| {
        answer::json(&RecordBody(record))
    }))
}
