use axum::{extract::State, response::Response};
use vestibule_core::Engine;
use vestibule_model::USERS;
use vestibule_wire::UserClassProperty;

use crate::{answer, error::Refusal, visitor::Visitor};

/// `GET /users/userclassprops`: the columns of the table `Users`.
pub(crate) async fn user_class_props(
    State(engine): State<Engine>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    visitor.checked(&engine).await?;
    let catalogue = engine.catalogue().await?;
    let users = catalogue.table(USERS);
    Ok(answer::json(
        &users.map(UserClassProperty::all).unwrap_or_default(),
    ))
}
