use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error, LoggedIn, Login, LoginByObjectId};
use vestibule_model::ErrorCode;
use vestibule_wire::{ClaimedId, LoginRequest, UserBody};

use crate::{answer, error::Refusal, receive::JsonObject, visitor::Visitor};

/// `POST /users/login`: with identity and password; or, for trusted server code, with an objectId
/// and nothing else.
pub(crate) async fn login(
    State(engine): State<Engine>,
    visitor: Visitor,
    JsonObject(body): JsonObject,
) -> Result<Response, Refusal> {
    match LoginRequest::from_body(body) {
        LoginRequest::ByObjectId(id) => by_object_id(&engine, visitor, &id).await,
        LoginRequest::ByPassword { login, password } => {
            let request = visitor.welcome(&engine).await?;
            let reply = engine.submit(request, Login { login, password }).await;
            Ok(answer::reply(reply, logged_in))
        }
    }
}

/// Whether the key has the power is decided before anything else: before the id is looked at.
async fn by_object_id(
    engine: &Engine,
    visitor: Visitor,
    id: &ClaimedId,
) -> Result<Response, Refusal> {
    let Some(code_runner) = visitor.code_runner(engine) else {
        let message = "Login by object id is allowed only for Code Runner API key";
        return Err(Error::new(ErrorCode::LoginByObjectIdDenied, message).into());
    };
    let event = LoginByObjectId::new(id.parse()?);
    let request = visitor.welcome(engine).await?;
    let reply = code_runner.submit(request, event).await;
    Ok(answer::reply(reply, logged_in))
}

fn logged_in(login: &LoggedIn) -> Response {
    answer::json(&UserBody::logged_in(&login.user, &login.token.reveal()))
}
