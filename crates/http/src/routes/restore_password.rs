use axum::{extract::State, response::Response};
use vestibule_core::{Engine, RestorePassword};

use crate::{answer, error::Refusal, segments::Segments, visitor::Visitor};

/// `GET /users/restorepassword/{identity}`: mails a link with which a forgotten password is replaced.
pub(crate) async fn restore_password(
    State(engine): State<Engine>,
    visitor: Visitor,
    Segments([identity]): Segments<1>,
) -> Result<Response, Refusal> {
    let request = visitor.welcome(&engine).await?;
    let event = RestorePassword::new(identity);
    let reply = engine.submit(request, event).await;
    Ok(answer::reply(reply, |()| answer::empty()))
}
