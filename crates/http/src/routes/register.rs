use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error, Register};
use vestibule_model::{ErrorCode, Value};
use vestibule_wire::UserBody;

use crate::{answer, error::Refusal, receive::JsonObject, visitor::Visitor};

/// `POST /users/register`: somebody becomes a user. It does not log in.
pub(crate) async fn register(
    State(engine): State<Engine>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let JsonObject(user) = body.map_err(repeated_here)?;
    let request = visitor.welcome(&engine).await?;
    let event = Register::new(Value::properties_from_json(user));
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |user| {
        answer::json(&UserBody::of(user))
    }))
}

/// A property that comes twice has a code of its own at registration.
fn repeated_here(refusal: Refusal) -> Refusal {
    if refusal.code() != ErrorCode::DuplicateProperty {
        return refusal;
    }
    let message = "the same property comes twice in the registration; send it once";
    Error::new(ErrorCode::PropertyRepeated, message).into()
}
