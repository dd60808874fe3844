use axum::{extract::State, response::Response};
use serde_json::Value as Json;
use vestibule_core::{Engine, Execution};
use vestibule_wire::event_answer;

use crate::{
    answer, error::Refusal, execution_type::ExecutionType, receive::JsonObject, segments::Segments,
    visitor::Visitor,
};

/// `POST /servercode/events/{name}`: runs a custom event. The body is an object with its arguments.
pub(crate) async fn dispatch_event(
    State(engine): State<Engine>,
    Segments([name]): Segments<1>,
    visitor: Visitor,
    ExecutionType(execution): ExecutionType,
    JsonObject(arguments): JsonObject,
) -> Result<Response, Refusal> {
    let request = visitor.checked(&engine).await?;
    let dispatched = engine.dispatch(request, &name, arguments, execution).await;
    let write = |answer: &Option<Json>| match execution {
        Execution::Sync => answer::json(&*event_answer(answer.as_ref())),
        // The client does not wait, and hears nothing (wire contract, section 13, question 20).
        Execution::Async | Execution::AsyncLowPriority => answer::json(&Json::Null),
    };
    Ok(answer::outcome(
        dispatched.outcome,
        dispatched.response,
        write,
    ))
}
