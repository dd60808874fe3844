use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error};
use vestibule_model::{ErrorCode, ObjectId};

use crate::{answer, error::Refusal, segments::Segments, visitor::Visitor};

/// `GET /users/userroles`: the roles in which the request is made, custom ones included.
pub(crate) async fn user_roles(
    State(engine): State<Engine>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    Ok(answer::json(&engine.roles(request)?))
}

/// `GET /users/userroles/{id}`: the roles of that user.
pub(crate) async fn user_roles_of(
    State(engine): State<Engine>,
    Segments([id]): Segments<1>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let id = ObjectId::parse(&id).map_err(|_| {
        let message = "there is no user with this id";
        Error::new(ErrorCode::UserNotFound, message)
    })?;
    Ok(answer::json(&engine.roles_of(request, &id).await?))
}
