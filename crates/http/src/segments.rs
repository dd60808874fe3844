use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use vestibule_core::Error;
use vestibule_model::ErrorCode;

use crate::error::Refusal;

/// The variable parts of a path, decoded after the path was split; `+` is a plus.
pub(crate) struct Segments<const N: usize>(pub(crate) [String; N]);

impl<S: Send + Sync, const N: usize> FromRequestParts<S> for Segments<N> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| invalid("a part of the path is not UTF-8"))?;
        let segments: Vec<String> = params.iter().map(|(_, value)| value.to_owned()).collect();
        if segments.iter().any(|segment| segment.contains('\0')) {
            return Err(invalid("a part of the path holds a NUL character"));
        }
        segments.try_into().map(Self).map_err(|_| {
            Error::internal("a route has another number of variable parts than its function").into()
        })
    }
}

/// A service and the segments of the path below it, each decoded after the path was split: a slash in
/// a segment is written `%2F`.
pub(crate) struct BelowServices {
    pub(crate) service: String,
    pub(crate) path: Vec<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for BelowServices {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let path = parts.uri.path();
        let below = path.strip_prefix("/api/services/").unwrap_or_default();
        let mut segments = below.split('/').map(decoded);
        Ok(Self {
            service: segments.next().transpose()?.unwrap_or_default(),
            path: segments.collect::<Result<_, _>>()?,
        })
    }
}

fn decoded(segment: &str) -> Result<String, Refusal> {
    let text = percent_decode_str(segment).decode_utf8();
    let text = text.map_err(|_| invalid("a part of the path is not UTF-8"))?;
    if text.contains('\0') {
        return Err(invalid("a part of the path holds a NUL character"));
    }
    Ok(text.into_owned())
}

fn invalid(message: &str) -> Refusal {
    Error::new(ErrorCode::InvalidParameter, message).into()
}
