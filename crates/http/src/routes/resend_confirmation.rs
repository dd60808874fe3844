use axum::{extract::State, response::Response};
use vestibule_core::{Engine, ResendConfirmation};

use crate::{answer, error::Refusal, segments::Segments, visitor::Visitor};

/// `POST /users/resendconfirmation/{identity}`: mails another link that confirms an email address.
pub(crate) async fn resend_confirmation(
    State(engine): State<Engine>,
    visitor: Visitor,
    Segments([identity]): Segments<1>,
) -> Result<Response, Refusal> {
    let request = visitor.welcome(&engine).await?;
    let event = ResendConfirmation::new(identity);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |()| answer::empty()))
}
