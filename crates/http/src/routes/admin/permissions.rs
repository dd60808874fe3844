use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::admin::{
    NewPermission, PermissionBody, PermissionFilter, parse_new_permission,
};

use crate::{
    answer,
    error::Refusal,
    receive::JsonObject,
    url_query::{NoQuery, UrlQuery},
};

/// `GET /admin/api/permissions?role=..&user=..&resource=..`: who may do what, single records apart.
pub(crate) async fn permissions(
    State(engine): State<Engine>,
    query: UrlQuery,
) -> Result<Response, Refusal> {
    let filter = PermissionFilter::parse(query.pairs())?;
    let permissions = engine.permissions();
    let wanted = permissions.iter().filter(|one| filter.includes(one));
    let bodies: Vec<_> = wanted.map(PermissionBody::of).collect();
    Ok(answer::json(&bodies))
}

/// `PUT /admin/api/permissions`: one permission is set, or removed; answers how it stands now.
pub(crate) async fn set_permission(
    State(engine): State<Engine>,
    _: NoQuery,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    let NewPermission {
        grantee,
        resource,
        operation,
        access,
    } = parse_new_permission(&body)?;
    let set = engine.set_permission(grantee.clone(), resource.clone(), operation, access);
    set.await?;
    Ok(answer::json(&PermissionBody::new(
        &grantee, &resource, operation, access,
    )))
}
