use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Find};
use vestibule_wire::{RowBody, parse_load_roles};

use crate::{answer, error::Refusal, segments::Segments, url_query::UrlQuery, visitor::Visitor};

/// `GET /users/role/{role}?loadRoles=true&pageSize=..&where=..`: users who have a role, of those whom
/// the caller may find.
pub(crate) async fn find_by_role(
    State(engine): State<Engine>,
    Segments([role]): Segments<1>,
    visitor: Visitor,
    query: Result<UrlQuery, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let query = query?;
    let load_roles = parse_load_roles(query.text("loadRoles"))?;
    let mut event = Find::with_role(role, query.query()?);
    if load_roles {
        event = event.loading_roles();
    }
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |rows| {
        let rows: Vec<_> = rows.iter().map(RowBody).collect();
        answer::json(&rows)
    }))
}
