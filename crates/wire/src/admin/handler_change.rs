use serde_json::{Map, Value as Json};

use super::keys::{Keys, wrong};
use crate::BadRequest;

/// What the operator wants changed of a handler; what is none stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandlerChangeBody {
    /// Whether it runs.
    pub enabled: Option<bool>,
    /// Its place among the others; `Some(None)` for the one that it had at the start.
    pub order: Option<Option<i32>>,
}

/// Reads what `PATCH /handlers/{path}` sends.
///
/// # Errors
/// 8008 with the key's name for an unknown key, if `enabled` is no yes or no, if `order` is neither a
/// whole number nor null, and if neither of them comes.
pub fn parse_handler_change(body: Map<String, Json>) -> Result<HandlerChangeBody, BadRequest> {
    let mut keys = Keys(body);
    let order = match keys.0.remove("order") {
        None => None,
        Some(Json::Null) => Some(None),
        Some(order) => {
            let order = order.as_i64().and_then(|order| order.try_into().ok());
            let what = "must be null or a whole number of 32 bits";
            Some(Some(order.ok_or_else(|| wrong("order", what))?))
        }
    };
    let enabled = match keys.given("enabled") {
        None => None,
        Some(Json::Bool(enabled)) => Some(enabled),
        Some(_) => return Err(wrong("enabled", "must be true or false")),
    };
    keys.done()?;
    if enabled.is_none() && order.is_none() {
        return Err(wrong("enabled", "or 'order' is required"));
    }
    Ok(HandlerChangeBody { enabled, order })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: &Json) -> Result<HandlerChangeBody, BadRequest> {
        parse_handler_change(body.as_object().unwrap().clone())
    }

    #[test]
    fn a_handler_is_switched_or_moved_or_both() {
        for (body, enabled, order) in [
            (json!({ "enabled": false }), Some(false), None),
            (json!({ "order": -5 }), None, Some(Some(-5))),
            (json!({ "order": null }), None, Some(None)),
            (
                json!({ "enabled": true, "order": 7 }),
                Some(true),
                Some(Some(7)),
            ),
        ] {
            let expected = HandlerChangeBody { enabled, order };
            assert_eq!(expected, parse(&body).unwrap(), "{body}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_key() {
        for (key, body) in [
            ("enabled", json!({})),
            ("enabled", json!({ "enabled": null })),
            ("enabled", json!({ "enabled": "false" })),
            ("order", json!({ "order": "5" })),
            ("order", json!({ "order": 1.5 })),
            ("order", json!({ "order": 3_000_000_000_i64 })),
            ("timeout", json!({ "enabled": true, "timeout": 5 })),
        ] {
            let refusal = parse(&body).unwrap_err();
            assert_eq!(8008, refusal.code.number());
            assert!(refusal.message.contains(key), "{refusal}");
        }
    }
}
