use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Logout};

use crate::{answer, error::Refusal, visitor::Visitor};

/// `GET /users/logout`: the session ends; without one nothing happens, and that is fine.
pub(crate) async fn logout(
    State(engine): State<Engine>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.leaving(&engine).await?;
    let reply = engine.submit(request, Logout::default()).await;
    Ok(answer::reply(reply, |()| answer::empty()))
}
