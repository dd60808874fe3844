use axum::{extract::State, response::Response};
use vestibule_core::{Engine, Error, VerifyPassword};
use vestibule_model::ErrorCode;
use vestibule_wire::{VerifiedBody, parse_verify_password};

use crate::{answer, error::Refusal, receive::JsonObject, visitor::Visitor};

/// `POST /users/verifypassword`, and as the SDK spells it: whether this is the password of the
/// logged-in user. For trusted server code only, which is decided before anything else.
pub(crate) async fn verify_password(
    State(engine): State<Engine>,
    visitor: Visitor,
    body: Result<JsonObject, Refusal>,
) -> Result<Response, Refusal> {
    let Some(code_runner) = visitor.code_runner(&engine) else {
        let message = "Password verification allowed only from CloudCode";
        return Err(Error::new(ErrorCode::VerifyPasswordDenied, message).into());
    };
    let request = visitor.checked(&engine).await?;
    let JsonObject(body) = body?;
    let event = VerifyPassword::new(parse_verify_password(body));
    let reply = code_runner.submit(request, event).await;
    Ok(answer::reply(reply, |valid| {
        answer::json(&VerifiedBody { valid: *valid })
    }))
}
