use axum::{extract::State, response::Response};
use vestibule_core::{Engine, SetPermission};
use vestibule_wire::{PermissionRequest, SetPermissionBody, parse_access, parse_permission};

use crate::{
    answer, error::Refusal, receive::JsonObject, record_id::record_id, segments::Segments,
    visitor::Visitor,
};

/// `PUT /data/{table}/permissions/{access}/{id}`: who may, or may not, do what with one record.
pub(crate) async fn set_permission(
    State(engine): State<Engine>,
    Segments([table, access, id]): Segments<3>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let access = parse_access(&access)?;
    let PermissionRequest { grantee, operation } = parse_permission(&body)?;
    let id = record_id(&id)?;
    let event = SetPermission::of_record(table, id, grantee.clone(), operation, access);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |()| {
        answer::json(&SetPermissionBody::of(&grantee, operation, access))
    }))
}

/// `PUT /data/{table}/permissions/{access}`: the same for all records of a table.
pub(crate) async fn set_table_permission(
    State(engine): State<Engine>,
    Segments([table, access]): Segments<2>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let access = parse_access(&access)?;
    let PermissionRequest { grantee, operation } = parse_permission(&body)?;
    let event = SetPermission::of_table(table, grantee.clone(), operation, access);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |()| {
        answer::json(&SetPermissionBody::of(&grantee, operation, access))
    }))
}
