use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::DeletionBody;

use crate::{answer, error::Refusal, record_id::record_id, segments::Segments, visitor::Visitor};

/// `DELETE /data/{table}/{id}`: a record goes, and with it what relates it to others.
pub(crate) async fn remove(
    State(engine): State<Engine>,
    Segments([table, id]): Segments<2>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let id = record_id(&id)?;
    let reply = engine.remove_record(request, &table, id).await;
    Ok(answer::reply(reply, |at| {
        answer::json(&DeletionBody::at(*at))
    }))
}
