//! What observers and logs get to see: everything but secrets, at whatever depth they are.

use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use vestibule_model::{Properties, Value};

/// Properties that are secrets, whatever case somebody writes them in.
const SECRET_PROPERTIES: [&str; 2] = ["password", "user-token"];

/// What stands in the place of a secret.
const MASK: &str = "***";

/// The properties of a user or a record for observers and logs, secrets masked at any depth.
pub(crate) fn describe_properties(properties: &Properties) -> impl Serialize {
    MaskedProperties(properties)
}

/// Something of the app's own for observers and logs, secrets masked at any depth.
pub(crate) fn masked(value: &impl Serialize) -> Json {
    let mut json = serde_json::to_value(value)
        .unwrap_or_else(|error| Json::from(format!("(it cannot be written as JSON: {error})")));
    mask(&mut json);
    json
}

/// Whether a property of this name is a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    SECRET_PROPERTIES
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Whether any property in it, at any depth, is a secret.
pub(crate) fn holds_secret(json: &Json) -> bool {
    match json {
        Json::Object(object) => object
            .iter()
            .any(|(name, value)| is_secret(name) || holds_secret(value)),
        Json::Array(items) => items.iter().any(holds_secret),
        _ => false,
    }
}

/// Masks the secrets of a document in their places.
pub(crate) fn mask(json: &mut Json) {
    match json {
        Json::Object(object) => {
            for (name, value) in object {
                if is_secret(name) {
                    *value = Json::from(MASK);
                } else {
                    mask(value);
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

/// Written down without a copy: observers get to see every record that is read.
struct MaskedProperties<'a>(&'a Properties);

impl Serialize for MaskedProperties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let properties = self.0.iter();
        serializer.collect_map(properties.map(|(name, value)| (name, Masked::of(name, value))))
    }
}

/// A property, or what stands in its place.
enum Masked<'a> {
    Secret,
    Value(&'a Value),
    Json(&'a Json),
}

impl<'a> Masked<'a> {
    fn of(name: &str, value: &'a Value) -> Self {
        match value {
            _ if is_secret(name) => Self::Secret,
            Value::Json(json) => Self::Json(json),
            value => Self::Value(value),
        }
    }

    fn of_json(name: &str, json: &'a Json) -> Self {
        if is_secret(name) {
            Self::Secret
        } else {
            Self::Json(json)
        }
    }
}

impl Serialize for Masked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Secret => serializer.serialize_str(MASK),
            Self::Value(Value::Text(text)) => serializer.serialize_str(text),
            Self::Value(Value::Integer(integer)) => serializer.serialize_i64(*integer),
            Self::Value(Value::Null) => serializer.serialize_unit(),
            Self::Value(value) => value.to_json().serialize(serializer),
            Self::Json(Json::Object(object)) => {
                let properties = object.iter();
                let masked = properties.map(|(name, json)| (name, Self::of_json(name, json)));
                serializer.collect_map(masked)
            }
            Self::Json(Json::Array(items)) => {
                serializer.collect_seq(items.iter().map(Masked::Json))
            }
            Self::Json(json) => json.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_masked_at_any_depth_whatever_their_case_and_nothing_else_is() {
        let json = json!({
            "Password": "x",
            "user-token": 1,
            "name": "password",
            "count": -7,
            "half": 0.5,
            "yes": true,
            "nothing": null,
            "deep": [{ "PASSWORD": { "a": 1 }, "b": [1.5, "password", [{ "User-Token": [] }]] }],
        });
        let expected = json!({
            "Password": "***",
            "user-token": "***",
            "name": "password",
            "count": -7,
            "half": 0.5,
            "yes": true,
            "nothing": null,
            "deep": [{ "PASSWORD": "***", "b": [1.5, "password", [{ "User-Token": "***" }]] }],
        });
        let Json::Object(object) = json.clone() else {
            unreachable!()
        };
        let properties = Value::properties_from_json(object);
        assert_eq!(expected, json!(describe_properties(&properties)));
        assert_eq!(expected, masked(&json));
        assert!(holds_secret(&json) && !holds_secret(&json!([{ "a": "password" }])));
    }

    #[test]
    fn a_number_that_json_cannot_write_is_null() {
        let properties = Properties::from([("a".to_owned(), Value::Double(f64::INFINITY))]);
        assert_eq!(
            json!({ "a": null }),
            json!(describe_properties(&properties))
        );
    }
}
