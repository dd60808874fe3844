use std::fmt;

use vestibule_model::ErrorCode;

/// Why a request cannot be understood: a code, and a text that tells the client what to mend.
///
/// ```
/// use vestibule_wire::parse_object;
///
/// let refusal = parse_object(b"[1, 2]").unwrap_err();
/// assert_eq!(8002, refusal.code.number());
/// ```
///
/// It is not a [`std::error::Error`] on purpose: the engine's `?` takes foreign errors for
/// defects of the server, and this is one of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRequest {
    /// The code that clients know.
    pub code: ErrorCode,
    /// The client's text.
    pub message: String,
}

impl BadRequest {
    /// A refusal with this code and this text.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// A parameter has an impossible value (8008).
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidParameter, message)
    }

    /// A parameter is absent or null (3038).
    pub fn missing(name: &str) -> Self {
        let message = format!("the parameter '{name}' is required and cannot be null");
        Self::new(ErrorCode::ParameterRequired, message)
    }
}

impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code.number())
    }
}
