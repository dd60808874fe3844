use axum::{extract::State, response::Response};
use vestibule_core::{AssignRole, CodeRunner, Engine, Error, RoleHolder};
use vestibule_model::ErrorCode;
use vestibule_wire::parse_role_change;

use crate::{answer, error::Refusal, receive::JsonObject, visitor::Visitor};

/// `POST /users/assignRole`: a user gets a custom role. For trusted server code only, which is decided
/// before anything else.
pub(crate) async fn assign_role(
    State(engine): State<Engine>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let code_runner = role_changer(&visitor, &engine)?;
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let asked = parse_role_change(&body)?;
    let event = AssignRole::new(RoleHolder::IdOrIdentity(asked.user), asked.role);
    let reply = code_runner.submit(request, event).await;
    Ok(answer::reply(reply, |()| answer::empty()))
}

/// The power to change roles, if the request came with it.
///
/// # Errors
/// 2011 if not.
pub(super) fn role_changer<'a>(
    visitor: &Visitor,
    engine: &'a Engine,
) -> Result<CodeRunner<'a>, Error> {
    visitor.code_runner(engine).ok_or_else(|| {
        let message = "roles can be assigned and unassigned by server code only: send this with the \
                       CodeRunner key";
        Error::new(ErrorCode::RoleChangeDenied, message)
    })
}
