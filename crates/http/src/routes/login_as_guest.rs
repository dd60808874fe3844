use axum::{extract::State, response::Response};
use vestibule_core::{Engine, LoginAsGuest};
use vestibule_wire::GuestBody;

use crate::{answer, error::Refusal, visitor::Visitor};

/// `POST /users/register/guest`: a visitor comes in without a form. A body is not looked at.
pub(crate) async fn login_as_guest(
    State(engine): State<Engine>,
    visitor: Visitor,
) -> Result<Response, Refusal> {
    let request = visitor.welcome(&engine).await?;
    let reply = engine.submit(request, LoginAsGuest::default()).await;
    Ok(answer::reply(reply, |login| {
        answer::json(&GuestBody::new(&login.user, &login.token.reveal()))
    }))
}
