use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::admin::{RoleBody, parse_role};

use super::sessions::user_id;
use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, url_query::NoQuery};

/// `GET /admin/api/users/{objectId}/roles`: the custom roles of a user.
pub(crate) async fn user_roles(
    State(engine): State<Engine>,
    Segments([id]): Segments<1>,
    _: NoQuery,
) -> Result<Response, Refusal> {
    let roles = engine.custom_roles_of(&user_id(&id)?).await?;
    let roles: Vec<_> = roles.iter().map(|name| RoleBody::custom(name)).collect();
    Ok(answer::json(&roles))
}

/// `POST /admin/api/users/{objectId}/roles`: a user gets a custom role.
pub(crate) async fn assign_role(
    State(engine): State<Engine>,
    Segments([id]): Segments<1>,
    _: NoQuery,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    let role = parse_role(body)?;
    engine.assign_role(&user_id(&id)?, &role).await?;
    Ok(answer::empty())
}

/// `DELETE /admin/api/users/{objectId}/roles/{role}`: a custom role is taken from a user.
pub(crate) async fn unassign_role(
    State(engine): State<Engine>,
    Segments([id, role]): Segments<2>,
    _: NoQuery,
) -> Result<Response, Refusal> {
    engine.unassign_role(&user_id(&id)?, &role).await?;
    Ok(answer::empty())
}
