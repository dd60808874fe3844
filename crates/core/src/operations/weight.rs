//! About how much memory records take. Their number is bounded, but each may hold a text of a megabyte,
//! and a record that many others refer to is answered with each of them.

use serde_json::Value as Json;
use vestibule_model::{Properties, Value};

/// How much the related records, or the groups, of one call may weigh, in bytes.
pub(super) const AT_MOST: usize = 64 * 1024 * 1024;

/// The bytes of all texts, and of documents as they are in memory.
pub(super) fn of(properties: &Properties) -> usize {
    let values = properties.values();
    values
        .map(|value| match value {
            Value::Text(text) => text.len(),
            Value::Json(json) => of_json(json),
            _ => 0,
        })
        .sum()
}

fn of_json(json: &Json) -> usize {
    let within = match json {
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(of_json).sum(),
        Json::Object(object) => object
            .iter()
            .map(|(name, json)| name.len() + of_json(json))
            .sum(),
        _ => 0,
    };
    size_of::<Json>() + within
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_weigh_what_they_are_long_and_documents_more() {
        let properties = |value: Value| Properties::from([("c".to_owned(), value)]);
        assert_eq!(0, of(&properties(7.into())));
        assert_eq!(3, of(&properties("abc".into())));
        let numbers = of(&properties(Value::Json(json!([0, 0, 0]))));
        assert!(numbers >= 4 * 16, "{numbers}");
    }
}
