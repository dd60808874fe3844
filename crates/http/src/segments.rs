use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
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

fn invalid(message: &str) -> Refusal {
    Error::new(ErrorCode::InvalidParameter, message).into()
}
