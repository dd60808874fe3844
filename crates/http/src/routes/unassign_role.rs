use axum::{extract::State, response::Response};
use vestibule_core::{Engine, RoleHolder, UnassignRole};
use vestibule_wire::parse_role_change;

use super::assign_role::role_changer;
use crate::{answer, error::Refusal, receive::JsonObject, visitor::Visitor};

/// `POST /users/unassignRole`: a custom role is taken from a user. For trusted server code only, which
/// is decided before anything else.
pub(crate) async fn unassign_role(
    State(engine): State<Engine>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let code_runner = role_changer(&visitor, &engine)?;
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let asked = parse_role_change(&body)?;
    let event = UnassignRole::new(RoleHolder::IdOrIdentity(asked.user), asked.role);
    let reply = code_runner.submit(request, event).await;
    Ok(answer::reply(reply, |()| answer::empty()))
}
