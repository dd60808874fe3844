use serde_json::{Map, Value as Json};
use vestibule_model::ErrorCode;

use crate::{BadRequest, strict_json};

/// Reads a body that must be one JSON object; no body at all is the empty one.
///
/// ```
/// use vestibule_wire::parse_object;
///
/// assert!(parse_object(b"")?.is_empty());
/// assert_eq!("Ann", parse_object(br#"{"name": "Ann"}"#)?["name"]);
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// # Errors
/// 8002 for what is not JSON or not an object, 8001 for a key that comes twice in one object, 8008
/// for a NUL character in a text.
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Json>, BadRequest> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match strict_json::parse(bytes)? {
        Json::Object(object) => Ok(object),
        _ => Err(BadRequest::new(
            ErrorCode::MalformedBody,
            "the body must be a JSON object: send {\"name\": value, ...}",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_body_is_the_empty_object() {
        assert!(parse_object(b"").unwrap().is_empty());
        assert!(parse_object(b" \r\n").unwrap().is_empty());
    }

    #[test]
    fn a_body_that_is_no_object_is_refused() {
        for text in ["[]", "1", "\"x\"", "null", "true"] {
            let refusal = parse_object(text.as_bytes()).unwrap_err();
            assert_eq!(8002, refusal.code.number(), "{text}");
        }
    }
}
