use axum::{extract::State, response::Response};
use vestibule_core::{CreateEmailConfirmationUrl, Engine};
use vestibule_wire::ConfirmationUrlBody;

use crate::{answer, error::Refusal, segments::Segments, visitor::Visitor};

/// `POST /users/createEmailConfirmationURL/{identity}`: the link that confirms an email address,
/// for whoever wants to send it another way.
pub(crate) async fn create_email_confirmation_url(
    State(engine): State<Engine>,
    visitor: Visitor,
    Segments([identity]): Segments<1>,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let event = CreateEmailConfirmationUrl::new(identity);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |url| {
        let confirmation_url = url.reveal();
        answer::json(&ConfirmationUrlBody { confirmation_url })
    }))
}
