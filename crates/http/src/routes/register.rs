use axum::{extract::State, response::Response};
use vestibule_core::{ConvertGuest, Engine, Error, Register};
use vestibule_model::{ErrorCode, ObjectId, Properties, User, Value};
use vestibule_wire::UserBody;

use crate::{answer, error::Refusal, receive::JsonObject, visitor::Visitor};

/// `POST /users/register`: somebody becomes a user. It does not log in. With the objectId of a guest
/// it is that guest who becomes one.
pub(crate) async fn register(
    State(engine): State<Engine>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let JsonObject(user) = body.map_err(repeated_here)?;
    let request = visitor.welcome(&engine).await?;
    let properties = Value::properties_from_json(user);
    let registered = |user: &User| answer::json(&UserBody::of(user));
    let Some(guest) = guest_in(&properties) else {
        let reply = engine.submit(request, Register::new(properties)).await;
        return Ok(answer::reply(reply, registered));
    };
    let event = ConvertGuest::new(guest, properties);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, registered))
}

/// The guest who registers, if the user brings an objectId that can be one.
fn guest_in(properties: &Properties) -> Option<ObjectId> {
    ObjectId::parse(properties.get("objectId")?.as_text()?).ok()
}

/// A property that comes twice has a code of its own at registration.
fn repeated_here(refusal: Refusal) -> Refusal {
    if refusal.code() != ErrorCode::DuplicateProperty {
        return refusal;
    }
    let message = "the same property comes twice in the registration; send it once";
    Error::new(ErrorCode::PropertyRepeated, message).into()
}
