use axum::{extract::State, response::Response};
use vestibule_core::{CountInGroup, Engine};
use vestibule_wire::parse_group_query;

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// `POST /data/data-grouping/{table}/count`: how many items there are in a group.
pub(crate) async fn count_in_group(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(grouping) = body?;
    let event = CountInGroup::new(table, parse_group_query(&grouping)?);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, answer::json))
}
