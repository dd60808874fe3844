use axum::{extract::State, response::Response};
use vestibule_core::{BulkUpsert, Engine};
use vestibule_wire::parse_records;

use crate::{answer, error::Refusal, receive::RawBody, segments::Segments, visitor::Visitor};

/// `PUT /data/bulkupsert/{table}`: records are changed if they are there, and made if they are not;
/// answers their ids in the same order.
pub(crate) async fn bulk_upsert(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<RawBody, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let RawBody(bytes) = body?;
    let event = BulkUpsert::new(table, parse_records(&bytes)?);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |ids| answer::ids(ids)))
}
