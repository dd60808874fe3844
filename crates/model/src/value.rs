use std::collections::BTreeMap;

use serde_json::{Map, Number, Value as Json};

use crate::{ObjectId, Timestamp};

/// The columns of a record and their values, by name.
pub type Properties = BTreeMap<String, Value>;

/// What a column can hold.
///
/// Dates are [`Integer`](Value::Integer)s: milliseconds since 1970.
///
/// ```
/// use vestibule_model::Value;
///
/// assert_eq!(Some("Ann"), Value::from("Ann").as_text());
/// assert_eq!(None, Value::from(7).as_text());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing is known.
    #[default]
    Null,
    /// Yes or no.
    Boolean(bool),
    /// A whole number, or a date in milliseconds since 1970.
    Integer(i64),
    /// A number with a fraction.
    Double(f64),
    /// A text.
    Text(String),
    /// An object or a list.
    Json(Json),
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// The yes or no, if it is one.
    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(boolean) => Some(*boolean),
            _ => None,
        }
    }

    /// Whether nothing is known.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Takes a value out of a JSON document. A number too large for 64 bits becomes a double.
    pub fn from_json(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(boolean) => Self::Boolean(boolean),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Self::Integer(integer),
                None => Self::Double(number.as_f64().unwrap_or(f64::MAX)),
            },
            Json::String(text) => Self::Text(text),
            other => Self::Json(other),
        }
    }

    /// The value as JSON. A double that JSON cannot write (not a number, infinite) becomes null.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Boolean(boolean) => Json::Bool(*boolean),
            Self::Integer(integer) => Json::from(*integer),
            Self::Double(double) => Number::from_f64(*double).map_or(Json::Null, Json::Number),
            Self::Text(text) => Json::String(text.clone()),
            Self::Json(json) => json.clone(),
        }
    }

    /// Takes the properties out of a JSON object.
    pub fn properties_from_json(object: Map<String, Json>) -> Properties {
        object
            .into_iter()
            .map(|(name, json)| (name, Self::from_json(json)))
            .collect()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<i32> for Value {
    fn from(integer: i32) -> Self {
        Self::Integer(integer.into())
    }
}

impl From<f64> for Value {
    fn from(double: f64) -> Self {
        Self::Double(double)
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

impl From<u32> for Value {
    fn from(integer: u32) -> Self {
        Self::Integer(integer.into())
    }
}

impl From<&ObjectId> for Value {
    fn from(id: &ObjectId) -> Self {
        Self::from(id.as_str())
    }
}

impl From<ObjectId> for Value {
    fn from(id: ObjectId) -> Self {
        Self::from(&id)
    }
}

impl From<Timestamp> for Value {
    fn from(timestamp: Timestamp) -> Self {
        Self::Integer(timestamp.as_millis())
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        Self::from_json(json)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_survive_a_round_trip_through_json() {
        for json in [
            json!(null),
            json!(true),
            json!(-7),
            json!(1.5),
            json!("ünï"),
            json!([1, {}]),
        ] {
            assert_eq!(json, Value::from_json(json.clone()).to_json());
        }
    }

    #[test]
    fn a_number_too_large_for_64_bits_becomes_a_double() {
        assert_eq!(
            Value::Double(1e19),
            Value::from_json(json!(10_000_000_000_000_000_000_u64))
        );
    }

    #[test]
    fn what_json_cannot_write_becomes_null() {
        assert_eq!(json!(null), Value::Double(f64::NAN).to_json());
    }
}
