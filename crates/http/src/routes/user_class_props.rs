use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_wire::UserClassProperty;

use crate::{answer, error::Refusal, visitor::Visitor};

/// `GET /users/userclassprops`: the columns of the table `Users`.
pub(crate) async fn user_class_props(
    State(engine): State<Engine>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let users = engine.describe_users(request).await?;
    Ok(answer::json(&UserClassProperty::all(&users)))
}
