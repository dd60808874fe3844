//! `X-Vestibule-Explain: 1`: the operator gets an answer together with how it came about.

use std::time::Duration;

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value as Json;
use vestibule_core::{Error, ExplainedCall, ExplainedStep, Explanation, FieldChange};
use vestibule_wire::admin::{ExplainedBody, ExplainedCallBody, ExplainedStepBody, FieldChangeBody};

use crate::{answer, error::Refusal, media_type::is_json, url_forms::Application};

const X_VESTIBULE_EXPLAIN: HeaderName = HeaderName::from_static("x-vestibule-explain");

/// What is told of the operation, which is no handler and has no phase.
const OPERATION: &str = "operation";

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Whether somebody wants a call of the API explained. Whether it is the operator who does, is for
/// the admin token to say.
pub(crate) fn is_wanted(request: &Request) -> bool {
    let wants = |value: &HeaderValue| value.as_bytes() == b"1";
    let header = request.headers().get(X_VESTIBULE_EXPLAIN);
    header.is_some_and(wants) && request.extensions().get::<Application>().is_some()
}

/// Puts the answer and its explanation into one body. Status, headers and cookies stay, but no cache
/// keeps it, whatever handlers said of the answer.
pub(crate) async fn wrap(response: Response, explanation: &Explanation) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            let log = format!("the answer could not be read to be explained: {error}");
            return Refusal::from(Error::internal(log)).into_response();
        }
    };
    let calls = explanation.calls();
    let mut explained = answer::json(&ExplainedBody {
        status: parts.status.as_u16(),
        answer: as_json(&parts.headers, &body),
        calls: calls.iter().map(call).collect(),
    });
    for of_its_own in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(of_its_own);
    }
    explained.headers_mut().extend(parts.headers);
    explained
        .headers_mut()
        .insert(header::CACHE_CONTROL, NO_STORE);
    if explained.status().is_success() && may_have_a_body(parts.status) {
        *explained.status_mut() = parts.status;
    }
    explained
}

/// An answer of the others ends with its head, and there would be no place for an explanation.
fn may_have_a_body(status: StatusCode) -> bool {
    !status.is_informational()
        && ![
            StatusCode::NO_CONTENT,
            StatusCode::RESET_CONTENT,
            StatusCode::NOT_MODIFIED,
        ]
        .contains(&status)
}

/// A text becomes a JSON string, and nothing becomes null.
fn as_json(headers: &HeaderMap, body: &[u8]) -> Json {
    if body.is_empty() {
        return Json::Null;
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let read = content_type
        .filter(|content_type| is_json(content_type))
        .and_then(|_| serde_json::from_slice(body).ok());
    read.unwrap_or_else(|| Json::String(String::from_utf8_lossy(body).into_owned()))
}

fn call(call: &ExplainedCall) -> ExplainedCallBody<'_> {
    ExplainedCallBody {
        event: call.event,
        about: call.about.as_deref(),
        depth: call.depth,
        input: &call.input,
        steps: call.steps.iter().map(step).collect(),
        ending: call.ending.as_ref().map(|ending| ending.as_str()),
        output: &call.output,
        took: millis(call.took),
    }
}

fn step(step: &ExplainedStep) -> ExplainedStepBody<'_> {
    let (handler, phase) = step.handler.unzip();
    ExplainedStepBody {
        handler,
        phase: phase.map_or(OPERATION, |phase| phase.as_str()),
        decision: step.decision.as_str(),
        took: millis(step.took),
        changes: step.changes.iter().map(change).collect(),
    }
}

fn change(change: &FieldChange) -> FieldChangeBody<'_> {
    FieldChangeBody {
        field: &change.field,
        before: change.before.as_ref(),
        after: change.after.as_ref(),
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
