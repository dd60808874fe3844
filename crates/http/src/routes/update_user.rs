use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error, UpdateUser};
use vestibule_model::{ErrorCode, ObjectId, Value};
use vestibule_wire::UserBody;

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// `PUT /users/{id}`: the columns that were sent change, the others stay.
pub(crate) async fn update_user(
    State(engine): State<Engine>,
    Segments([id]): Segments<1>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let JsonObject(changes) = body?;
    let id = ObjectId::parse(&id).map_err(|_| {
        let message = "there is no user with this objectId";
        Error::new(ErrorCode::UpdateUserNotFound, message)
    })?;
    let event = UpdateUser::new(id, Value::properties_from_json(changes));
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |user| {
        answer::json(&UserBody::of(user))
    }))
}
