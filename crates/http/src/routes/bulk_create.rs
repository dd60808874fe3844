use axum::{extract::State, response::Response};
use vestibule_core::{BulkCreate, Engine};
use vestibule_wire::parse_records;

use crate::{answer, error::Refusal, receive::RawBody, segments::Segments, visitor::Visitor};

/// `POST /data/bulk/{table}`: new records; answers their ids in the same order.
pub(crate) async fn bulk_create(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<RawBody, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let RawBody(bytes) = body?;
    let event = BulkCreate::new(table, parse_records(&bytes)?);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |ids| answer::ids(ids)))
}
