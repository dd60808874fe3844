//! Outcomes that worked out become answers here; errors do in `error.rs`.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use vestibule_core::{Error, Event, Reply, ResponseParts};
use vestibule_model::ObjectId;

use crate::error::Refusal;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Headers that decide where an answer ends: not for handlers to set.
const FRAMING: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// A body as JSON.
pub(crate) fn json(body: &(impl Serialize + ?Sized)) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            response
        }
        Err(error) => Refusal::from(Error::from(error)).into_response(),
    }
}

/// The ids of records, as a list.
pub(crate) fn ids(ids: &[ObjectId]) -> Response {
    let ids: Vec<_> = ids.iter().map(ObjectId::as_str).collect();
    json(&ids)
}

/// A body as JSON, about something new.
pub(crate) fn created(body: &(impl Serialize + ?Sized)) -> Response {
    let mut response = json(body);
    *response.status_mut() = StatusCode::CREATED;
    response
}

/// Nothing to say, and all is well.
pub(crate) fn empty() -> Response {
    Response::new(Body::empty())
}

/// What the engine replied: the output as the route writes it, or the error; with the status and
/// the headers that handlers chose.
pub(crate) fn reply<E: Event>(
    reply: Reply<E>,
    write: impl FnOnce(&E::Output) -> Response,
) -> Response {
    outcome(reply.outcome, reply.response, write)
}

/// The same, of something that was run by its name.
pub(crate) fn outcome<T>(
    outcome: Result<T, Error>,
    chosen: ResponseParts,
    write: impl FnOnce(&T) -> Response,
) -> Response {
    let mut response = match outcome {
        Ok(output) => {
            let mut response = write(&output);
            let status = chosen.status.map(StatusCode::from_u16);
            if let Some(Ok(status)) = status {
                *response.status_mut() = status;
            }
            response
        }
        Err(error) => Refusal::of_call(error, chosen.status).into_response(),
    };
    for (name, value) in chosen.headers {
        let (name, value) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>());
        match (name, value) {
            (Ok(name), Ok(value)) if !FRAMING.contains(&name) => {
                response.headers_mut().insert(name, value);
            }
            (name, _) => {
                let name = name.as_ref().map_or("?", HeaderName::as_str);
                tracing::warn!(header = name, "a handler set a header that it cannot set");
            }
        }
    }
    response
}
