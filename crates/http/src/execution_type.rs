use axum::extract::FromRequestParts;
use http::request::Parts;
use vestibule_core::{Error, Execution};

use crate::error::Refusal;

/// The header that says whether the client waits.
const EXECUTION_TYPE: &str = "bl-execution-type";

/// Whether the client waits; it does unless it says otherwise.
pub(crate) struct ExecutionType(pub(crate) Execution);

impl<S: Send + Sync> FromRequestParts<S> for ExecutionType {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let wanted = parts.headers.get(EXECUTION_TYPE);
        match wanted.map(|value| value.as_bytes()) {
            None | Some(b"sync") => Ok(Self(Execution::Sync)),
            Some(b"async") => Ok(Self(Execution::Async)),
            Some(b"async-low-priority") => Ok(Self(Execution::AsyncLowPriority)),
            Some(_) => {
                let message =
                    format!("the header {EXECUTION_TYPE} is sync, async or async-low-priority");
                Err(Error::invalid(message).into())
            }
        }
    }
}
