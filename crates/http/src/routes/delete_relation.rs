use axum::{extract::State, response::Response};
use vestibule_core::{DeleteRelation, Engine};

use super::children::children;
use crate::{
    answer, error::Refusal, receive::RawBody, record_id::record_id, segments::Segments,
    url_query::UrlQuery, visitor::Visitor,
};

/// `DELETE /data/{table}/{id}/{relation}`: records are no longer related; they stay. Answers
/// how many links that changed.
pub(crate) async fn delete_relation(
    State(engine): State<Engine>,
    Segments([table, id, relation]): Segments<3>,
    visitor: Visitor,
    query: Result<UrlQuery, Refusal>,
    body: Result<RawBody, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let children = children(&query?, &body?)?;
    let event = DeleteRelation::new(table, record_id(&id)?, relation, children);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, answer::json))
}
