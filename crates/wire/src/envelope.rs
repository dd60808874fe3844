use schemars::JsonSchema;
use serde::Serialize;
use vestibule_model::ErrorCode;

/// The body of every failure (wire contract, section 3.1).
///
/// ```
/// use vestibule_model::ErrorCode;
/// use vestibule_wire::ErrorBody;
///
/// let body = ErrorBody::new(ErrorCode::InvalidLoginOrPassword, "Invalid login or password");
/// assert_eq!(
///     r#"{"code":3003,"message":"Invalid login or password","errorData":{}}"#,
///     serde_json::to_string(&body)?
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// The message is never empty: the SDK would show the whole body in its place.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ErrorBody<'a> {
    code: i32,
    message: &'a str,
    #[serde(rename = "errorData")]
    error_data: Empty,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Empty {}

impl<'a> ErrorBody<'a> {
    /// The envelope of this code and this text.
    pub fn new(code: ErrorCode, message: &'a str) -> Self {
        Self {
            code: code.number(),
            message: if message.is_empty() {
                "the request was refused"
            } else {
                message
            },
            error_data: Empty {},
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_never_empty() {
        assert!(!ErrorBody::new(ErrorCode::Internal, "").message.is_empty());
    }
}
