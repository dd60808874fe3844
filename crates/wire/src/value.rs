use serde::{Serialize, Serializer};
use vestibule_model::Value;

/// A value of the model as JSON, without a copy of it.
pub(crate) struct JsonValue<'a>(pub(crate) &'a Value);

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Value::Integer(integer) => serializer.serialize_i64(*integer),
            Value::Double(double) => serializer.serialize_f64(*double),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Json(json) => json.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_written_as_the_model_says() {
        for json in [
            json!(null),
            json!(true),
            json!(-7),
            json!(1.5),
            json!("ünï"),
            json!([1, {}]),
        ] {
            let value = Value::from_json(json.clone());
            assert_eq!(json, serde_json::to_value(JsonValue(&value)).unwrap());
            assert_eq!(json, value.to_json());
        }
        let nan = Value::Double(f64::NAN);
        assert_eq!("null", serde_json::to_string(&JsonValue(&nan)).unwrap());
    }
}
