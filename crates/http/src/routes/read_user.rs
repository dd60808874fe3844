use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use vestibule_core::{ClientRequest, Engine, Error};
use vestibule_model::{ObjectId, USERS};
use vestibule_wire::{FindQuery, Projection, UserBody};

use crate::{answer, error::Refusal, segments::Segments, visitor::Visitor};

/// Longest part of an id that is repeated in an error; ids that can exist are no longer.
const ID_AT_MOST: usize = 64;

/// `GET /users/{id}`, with `?props=a,b` for some of the columns.
pub(crate) async fn read_user(
    State(engine): State<Engine>,
    Segments([id]): Segments<1>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    one_user(&engine, &id, query.as_deref(), request).await
}

/// One user, by whichever path it was asked for.
pub(super) async fn one_user(
    engine: &Engine,
    id: &str,
    query: Option<&str>,
    request: ClientRequest,
) -> Result<Response, Refusal> {
    let query =
        FindQuery::from_pairs(form_urlencoded::parse(query.unwrap_or_default().as_bytes()))?;
    check_columns(engine, &query.projection).await?;
    let id = ObjectId::parse(id).map_err(|_| {
        let shown: String = id.chars().take(ID_AT_MOST).collect();
        Error::not_found(format!("Entity with ID {shown} not found"))
    })?;
    let user = engine.read_user(request, &id).await?;
    Ok(answer::json(&UserBody::projected(&user, &query.projection)))
}

/// Refuses columns that the table `Users` does not have (1006).
pub(super) async fn check_columns(engine: &Engine, projection: &Projection) -> Result<(), Refusal> {
    let catalogue = engine.catalogue().await?;
    let users = catalogue.table(USERS);
    let users = users.ok_or_else(|| Error::internal("the catalogue has no table Users"))?;
    Ok(projection.check(users)?)
}
