use serde_json::Value as Json;

use crate::{BadRequest, strict_json};

/// Reads a body that is JSON of any kind; none if there is nothing in it.
///
/// ```
/// use serde_json::json;
/// use vestibule_wire::parse_json;
///
/// assert_eq!(Some(json!([1, "a"])), parse_json(br#"[1, "a"]"#)?);
/// assert_eq!(None, parse_json(b" ")?);
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// # Errors
/// 8002 for what is not JSON, 8001 for a key that comes twice in one object, 8008 for a NUL
/// character in a text.
pub fn parse_json(bytes: &[u8]) -> Result<Option<Json>, BadRequest> {
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    strict_json::parse(bytes).map(Some)
}
