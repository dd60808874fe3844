use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::{RecordBody, parse_record, take_object_id};

use crate::{
    answer, error::Refusal, receive::JsonObject, record_id::record_id, segments::Segments,
    visitor::Visitor,
};

/// `PUT /data/{table}`: a record with an objectId is changed, one without is made.
pub(crate) async fn save(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let mut record = parse_record(body)?;
    let Some(id) = take_object_id(&mut record)? else {
        let reply = engine.create_record(request, &table, record).await;
        return Ok(answer::reply(reply, |record| {
            answer::json(&RecordBody(record))
        }));
    };
    let id = record_id(&id)?;
    let reply = engine.update_record(request, &table, id, record).await;
    Ok(answer::reply(reply, |record| {
        answer::json(&RecordBody(record))
    }))
}
