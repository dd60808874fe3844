//! Bodies of requests: read whole, up to a limit, and as JSON objects where a route wants one.

use std::{pin::pin, time::Duration};

use axum::{
    body::{Body, HttpBody},
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use futures::future::{Either, select};
use http_body_util::BodyExt;
use serde_json::{Map, Value as Json};
use vestibule_core::Error;
use vestibule_model::{ErrorCode, Monotonic};
use vestibule_wire::parse_object;

use crate::{deadline, error::Refusal, site::Site};

/// How much of a body over the limit is read and thrown away, so that its sender hears the answer
/// rather than a connection reset.
const DRAIN_AT_MOST: usize = 16 * 1024 * 1024;

/// How long a body may still take when the server is stopping: nothing has begun for it yet.
const WHEN_STOPPING: Duration = Duration::from_secs(2);

/// Reads a body to its end, by the deadline and while there is room for it.
///
/// # Errors
/// 413 with code 8000 for a body over the limit, 8002 for one that breaks off, 408 with code 8002
/// for one that does not come, 503 when other bodies take all the room.
pub(crate) async fn receive(
    site: &Site,
    body: Body,
    at_most: usize,
    deadline: Monotonic,
) -> Result<Bytes, Refusal> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = body.size_hint();
    let length = announced
        .upper()
        .and_then(|length| usize::try_from(length).ok());
    let length = length.unwrap_or(usize::MAX).min(at_most);
    let room = u32::try_from(length).unwrap_or(u32::MAX);
    // Given back when the body has been read: what is read is bounded by the calls at once.
    let _room = site.room_for_bodies.try_acquire_many(room).map_err(|_| {
        Error::unavailable("too many bodies of requests are being received at once")
    })?;
    let clock = &**site.engine.clock();
    let whole = pin!(deadline::before(clock, deadline, read(body, at_most)));
    let stopped = pin!(async {
        site.stopping.cancelled().await;
        clock
            .sleep_until(clock.monotonic().plus(WHEN_STOPPING))
            .await;
    });
    match select(whole, stopped).await {
        Either::Left((Some(read), _)) => read,
        Either::Left((None, _)) => Err(too_slow()),
        Either::Right(_) => Err(Error::unavailable("the server is going down").into()),
    }
}

async fn read(mut body: Body, at_most: usize) -> Result<Bytes, Refusal> {
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

/// A body as it came: for routes that want something else than an object.
pub(crate) struct RawBody(pub(crate) Bytes);

impl<S: Sync> FromRequest<S> for RawBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        // It was read before the route was entered: this only takes it out of its wrapping.
        let body = request.into_body().collect().await;
        Ok(Self(body.map_err(|_| broken_off())?.to_bytes()))
    }
}

/// A body that is one JSON object. Nothing at all is the empty one.
pub(crate) struct JsonObject(pub(crate) Map<String, Json>);

impl<S: Sync> FromRequest<S> for JsonObject {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        Ok(Self(parse_object(&bytes)?))
    }
}

fn too_large(at_most: usize) -> Refusal {
    let message = format!("the body is larger than {at_most} bytes; send less");
    Error::new(ErrorCode::ValueTooLong, message)
        .status(413)
        .into()
}

fn too_slow() -> Refusal {
    Error::new(
        ErrorCode::MalformedBody,
        "the body did not come in time; send it again",
    )
    .status(408)
    .into()
}

fn broken_off() -> Refusal {
    Error::new(
        ErrorCode::MalformedBody,
        "the body ended before it was complete; send it again",
    )
    .into()
}
