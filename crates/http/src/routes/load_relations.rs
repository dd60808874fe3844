use axum::{extract::State, response::Response};
use vestibule_core::{Engine, LoadRelations};
use vestibule_wire::RecordBody;

use crate::{
    answer, error::Refusal, record_id::record_id, segments::Segments, url_query::UrlQuery,
    visitor::Visitor,
};

/// `GET /data/{table}/{id}/{relation}`: a page of the records that one relates to; a list, also by
/// a relation to one.
pub(crate) async fn load_relations(
    State(engine): State<Engine>,
    Segments([table, id, relation]): Segments<3>,
    visitor: Visitor,
    query: Result<UrlQuery, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let query = query?.query()?;
    let event = LoadRelations::new(table, record_id(&id)?, relation, query);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |records| {
        let records: Vec<_> = records.iter().map(RecordBody).collect();
        answer::json(&records)
    }))
}
