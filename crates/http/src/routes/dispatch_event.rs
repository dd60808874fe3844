use axum::extract::State;
use vestibule_core::{Engine, Error};
use vestibule_model::ErrorCode;

use crate::{error::Refusal, segments::Segments, visitor::Visitor};

/// `POST /servercode/events/{name}`: a custom event. There are none yet, so nobody handles one.
pub(crate) async fn dispatch_event(
    State(engine): State<Engine>,
    Segments([name]): Segments<1>,
    visitor: Visitor,
) -> Result<(), Refusal> {
    visitor.checked(&engine).await?;
    // The grammar is the platform's own, and clients compare the text.
    let message = format!("Custom event handler with name '{name}' does not exists");
    Err(Error::new(ErrorCode::EventNotFound, message).into())
}
