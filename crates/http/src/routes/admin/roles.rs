use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_model::Role;
use vestibule_wire::admin::{RoleBody, parse_new_role};

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, url_query::NoQuery};

/// `GET /admin/api/roles`: all roles, the system's first.
pub(crate) async fn roles(State(engine): State<Engine>, _: NoQuery) -> Result<Response, Refusal> {
    let custom = engine.custom_roles().await?;
    let system = Role::ALL.into_iter().map(RoleBody::of);
    let roles: Vec<_> = system
        .chain(custom.iter().map(|name| RoleBody::custom(name)))
        .collect();
    Ok(answer::json(&roles))
}

/// `POST /admin/api/roles`: a new custom role, which is answered.
pub(crate) async fn create_role(
    State(engine): State<Engine>,
    _: NoQuery,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    let name = parse_new_role(body)?;
    engine.create_role(&name).await?;
    Ok(answer::created(&RoleBody::custom(&name)))
}

/// `DELETE /admin/api/roles/{name}`: a custom role goes, with its assignments and its permissions.
pub(crate) async fn drop_role(
    State(engine): State<Engine>,
    Segments([name]): Segments<1>,
    _: NoQuery,
) -> Result<Response, Refusal> {
    engine.drop_role(&name).await?;
    Ok(answer::empty())
}
