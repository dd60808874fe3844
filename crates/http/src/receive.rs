//! Bodies of requests: read whole, up to a limit, and as JSON objects where a route wants one.

use axum::{
    body::{Body, HttpBody},
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::{Map, Value as Json};
use vestibule_core::Error;
use vestibule_model::ErrorCode;
use vestibule_wire::parse_object;

use crate::error::Refusal;

/// How much of a body over the limit is read and thrown away, so that its sender hears the answer
/// rather than a connection reset.
const DRAIN_AT_MOST: usize = 16 * 1024 * 1024;

/// Reads a body to its end.
///
/// # Errors
/// 413 with code 8000 for a body over the limit, 8002 for one that breaks off.
pub(crate) async fn receive(mut body: Body, at_most: usize) -> Result<Bytes, Refusal> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > DRAIN_AT_MOST {
        return Err(too_large(at_most));
    }
    let mut whole = Vec::with_capacity(announced.min(at_most));
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| broken_off())?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        length += data.len();
        if length > DRAIN_AT_MOST {
            break;
        }
        if length <= at_most {
            whole.extend_from_slice(&data);
        }
    }
    if length > at_most {
        return Err(too_large(at_most));
    }
    Ok(whole.into())
}

/// A body that is one JSON object. Nothing at all is the empty one.
pub(crate) struct JsonObject(pub(crate) Map<String, Json>);

impl<S: Sync> FromRequest<S> for JsonObject {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        // It was read before the route was entered: this only takes it out of its wrapping.
        let body = request.into_body().collect().await;
        let bytes = body.map_err(|_| broken_off())?.to_bytes();
        Ok(Self(parse_object(&bytes)?))
    }
}

fn too_large(at_most: usize) -> Refusal {
    let message = format!("the body is larger than {at_most} bytes; send less");
    Error::new(ErrorCode::ValueTooLong, message)
        .status(413)
        .into()
}

fn broken_off() -> Refusal {
    Error::new(
        ErrorCode::MalformedBody,
        "the body ended before it was complete; send it again",
    )
    .into()
}
