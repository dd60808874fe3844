use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Group};
use vestibule_wire::{GroupPageBody, parse_group_query};

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// `POST /data/data-grouping/{table}`: groups of records within groups.
pub(crate) async fn group(
    State(engine): State<Engine>,
    Segments([table]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(grouping) = body?;
    let event = Group::new(table, parse_group_query(&grouping)?);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |page| {
        answer::json(&GroupPageBody(page))
    }))
}
