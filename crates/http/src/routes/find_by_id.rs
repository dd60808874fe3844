use axum::{extract::State, response::Response};
use vestibule_core::{Engine, FindById};
use vestibule_model::USERS;
use vestibule_wire::RecordBody;

use crate::{
    answer, error::Refusal, record_id::record_id, segments::Segments, url_query::UrlQuery,
    visitor::Visitor,
};

/// `GET /data/{table}/{id}`: one record, with `?props=a,b` for some of its columns.
pub(crate) async fn find_by_id(
    State(engine): State<Engine>,
    Segments([table, id]): Segments<2>,
    visitor: Visitor,
    query: Result<UrlQuery, Refusal>,
) -> Result<Response, Refusal> {
    one(&engine, table, &id, visitor, query).await
}

/// `GET /users/{id}`: the same of a user.
pub(crate) async fn read_user(
    State(engine): State<Engine>,
    Segments([id]): Segments<1>,
    visitor: Visitor,
    query: Result<UrlQuery, Refusal>,
) -> Result<Response, Refusal> {
    one(&engine, USERS.to_owned(), &id, visitor, query).await
}

async fn one(
    engine: &Engine,
    table: String,
    id: &str,
    visitor: Visitor,
    query: Result<UrlQuery, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(engine).await?;
    let query = query?.query()?;
    let event = FindById::new(table, record_id(id)?, query);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |record| {
        answer::json(&RecordBody(record))
    }))
}
