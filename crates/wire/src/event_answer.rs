use std::borrow::Cow;

use serde_json::{Value as Json, json};

/// What a client hears of a custom event that worked out (wire contract, section 12): an object as it
/// is, anything else wrapped, nothing as the empty object.
///
/// ```
/// use serde_json::json;
/// use vestibule_wire::event_answer;
///
/// assert_eq!(json!({"a": 1}), *event_answer(Some(&json!({"a": 1}))));
/// assert_eq!(json!({"result": [1]}), *event_answer(Some(&json!([1]))));
/// assert_eq!(json!({}), *event_answer(None));
/// ```
pub fn event_answer(answer: Option<&Json>) -> Cow<'_, Json> {
    match answer {
        Some(object @ Json::Object(_)) => Cow::Borrowed(object),
        Some(other) => Cow::Owned(json!({ "result": other })),
        None => Cow::Owned(json!({})),
    }
}
