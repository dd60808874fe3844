use serde::{Serialize, Serializer};
use vestibule_model::Value;

/// Below this a double holds every whole number exactly: 2 to the 53rd.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

/// A value of the model as JSON, without a copy of it. A double without a fraction is written as
/// a whole number, as JavaScript does it.
pub(crate) struct JsonValue<'a>(pub(crate) &'a Value);

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Value::Integer(integer) => serializer.serialize_i64(*integer),
            Value::Double(double) if double.fract() == 0.0 && double.abs() < EXACT_BELOW => {
                serializer.serialize_i64(*double as i64)
            }
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
        for (double, text) in [(10.0, "10"), (-0.0, "0"), (-2.5, "-2.5")] {
            let value = Value::from(double);
            assert_eq!(text, serde_json::to_string(&JsonValue(&value)).unwrap());
        }
        let nan = Value::Double(f64::NAN);
        assert_eq!("null", serde_json::to_string(&JsonValue(&nan)).unwrap());
    }
}
