use axum::{extract::State, response::Response};
use http::HeaderMap;
use serde_json::Value as Json;
use vestibule_core::{Engine, Error, Execution};
use vestibule_wire::event_answer;

use crate::{answer, error::Refusal, receive::JsonObject, segments::Segments, visitor::Visitor};

/// The header that says whether the client waits.
const EXECUTION_TYPE: &str = "bl-execution-type";

/// `POST /servercode/events/{name}`: runs a custom event. The body is an object with its arguments.
pub(crate) async fn dispatch_event(
    State(engine): State<Engine>,
    Segments([name]): Segments<1>,
    visitor: Visitor,
    headers: HeaderMap,
    JsonObject(arguments): JsonObject,
) -> Result<Response, Refusal> {
    let execution = execution(&headers)?;
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

/// Whether the client waits; it does unless it says otherwise.
fn execution(headers: &HeaderMap) -> Result<Execution, Error> {
    let wanted = headers.get(EXECUTION_TYPE).map(|value| value.as_bytes());
    match wanted {
        None | Some(b"sync") => Ok(Execution::Sync),
        Some(b"async") => Ok(Execution::Async),
        Some(b"async-low-priority") => Ok(Execution::AsyncLowPriority),
        Some(_) => Err(Error::invalid(format!(
            "the header {EXECUTION_TYPE} is sync, async or async-low-priority"
        ))),
    }
}
