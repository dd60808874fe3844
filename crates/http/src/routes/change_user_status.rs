use axum::{extract::State, response::Response};
use vestibule_core::{ChangeUserStatus, Engine, Error};
use vestibule_model::{ErrorCode, ObjectId};
use vestibule_wire::parse_user_status;

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// `PUT /users/{id}/status`: a user is enabled or disabled. For trusted server code only, which is
/// decided before anything else.
pub(crate) async fn change_user_status(
    State(engine): State<Engine>,
    Segments([id]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let Some(code_runner) = visitor.code_runner(&engine) else {
        let message = "Operation allowed only for BL logic.";
        return Err(Error::new(ErrorCode::StatusChangeDenied, message).into());
    };
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let status = parse_user_status(&body)?;
    let id = ObjectId::parse(&id).map_err(|_| {
        let message = "there is no user with this id";
        Error::new(ErrorCode::UserNotFound, message)
    })?;
    let event = ChangeUserStatus::new(id, status);
    let reply = code_runner.submit(request, event).await;
    Ok(answer::reply(reply, |()| answer::empty()))
}
