//! Outcomes that worked out become answers here; errors do in `error.rs`.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use vestibule_core::{Cookie, Error, Event, Reply, ResponseParts};
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

/// A body as text. Its type is for the handler to say who wanted it so; no browser guesses another.
pub(crate) fn text(text: &str) -> Response {
    let mut response = Response::new(Body::from(text.to_owned()));
    let nosniff = HeaderValue::from_static("nosniff");
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
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

/// What the engine replied: the output as the route writes it, or the error; with the status, the
/// headers and the cookies that handlers chose.
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
    let has_failed = outcome.is_err();
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
        // An error is JSON, whatever the answer would have been.
        if has_failed && name == header::CONTENT_TYPE.as_str() {
            continue;
        }
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
    set_cookies(&mut response, &chosen.cookies);
    response
}

/// One header each: a list of them would be taken for one cookie.
fn set_cookies(response: &mut Response, cookies: &[Cookie]) {
    for cookie in cookies {
        match HeaderValue::try_from(cookie.header()) {
            Ok(mut value) => {
                value.set_sensitive(true);
                response.headers_mut().append(header::SET_COOKIE, value);
            }
            Err(_) => tracing::warn!("a handler set a cookie that cannot be set"),
        }
    }
}
