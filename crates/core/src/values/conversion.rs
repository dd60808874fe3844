use serde_json::Value as Json;
use vestibule_model::{Column, ColumnType, Value};

use super::{
    Misfit,
    dates::{is_date, parse_date},
    validators,
};

/// 2^63, the first whole number that is too large; as a double it is exact.
const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;

/// The value as the column holds it. Null fits every column: whether one is required is asked
/// elsewhere.
///
/// # Errors
/// A [`Misfit`] when it does not fit.
pub(crate) fn convert(column: &Column, value: Value) -> Result<Value, Misfit> {
    match (column.column_type, value) {
        (_, Value::Null) => Ok(Value::Null),
        (ColumnType::String | ColumnType::Text | ColumnType::StringId, Value::Text(text)) => {
            check_text(column, &text)?;
            Ok(Value::Text(text))
        }
        (ColumnType::Int, Value::Integer(integer)) => Ok(Value::Integer(integer)),
        (ColumnType::Int, Value::Double(double)) => {
            whole(double).map(Value::Integer).ok_or(Misfit::WrongType)
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a double is what the column holds, and JSON makes no difference"
        )]
        (ColumnType::Double, Value::Integer(integer)) => Ok(Value::Double(integer as f64)),
        (ColumnType::Double, Value::Double(double)) if double.is_finite() => {
            Ok(Value::Double(double))
        }
        (ColumnType::Boolean, Value::Boolean(boolean)) => Ok(Value::Boolean(boolean)),
        (ColumnType::DateTime, value) => date(value).map(Value::Integer),
        (ColumnType::Json, value) => {
            if has_nul(&value) {
                return Err(Misfit::Nul);
            }
            Ok(value)
        }
        _ => Err(Misfit::WrongType),
    }
}

fn check_text(column: &Column, text: &str) -> Result<(), Misfit> {
    if text.contains('\0') {
        return Err(Misfit::Nul);
    }
    if let Some(most) = column.size {
        let most_bytes = most as usize;
        if text.len() > most_bytes && text.chars().count() > most_bytes {
            return Err(Misfit::TooLong { most });
        }
    }
    match &column.validator {
        Some(pattern) if !validators::matches(pattern, text) => Err(Misfit::Validator),
        _ => Ok(()),
    }
}

/// The whole number that a double is, if it is one.
fn whole(double: f64) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it has no fraction and is within bounds"
    )]
    (double.fract() == 0.0 && (-TOO_LARGE..TOO_LARGE).contains(&double)).then_some(double as i64)
}

fn date(value: Value) -> Result<i64, Misfit> {
    let millis = match value {
        Value::Integer(millis) => Some(millis),
        Value::Double(millis) => whole(millis),
        Value::Text(text) => parse_date(&text),
        _ => None,
    };
    millis
        .filter(|millis| is_date(*millis))
        .ok_or(Misfit::InvalidDate)
}

fn has_nul(value: &Value) -> bool {
    fn within(json: &Json) -> bool {
        match json {
            Json::String(text) => text.contains('\0'),
            Json::Array(items) => items.iter().any(within),
            Json::Object(object) => object
                .iter()
                .any(|(name, json)| name.contains('\0') || within(json)),
            _ => false,
        }
    }
    match value {
        Value::Text(text) => text.contains('\0'),
        Value::Json(json) => within(json),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(column_type: ColumnType, json: Json, expected: Result<Value, Misfit>) {
        let column = Column::new("c", column_type);
        assert_eq!(expected, convert(&column, Value::from_json(json)));
    }

    #[test]
    fn null_fits_every_column() {
        for column_type in ColumnType::ALL {
            check(column_type, json!(null), Ok(Value::Null));
        }
    }

    #[test]
    fn texts_are_measured_in_characters() {
        let column = Column {
            size: Some(3),
            ..Column::new("c", ColumnType::String)
        };
        let fits = convert(&column, Value::from("ü🦊ö"));
        assert_eq!(Ok(Value::from("ü🦊ö")), fits);
        let long = convert(&column, Value::from("abcd"));
        assert_eq!(Err(Misfit::TooLong { most: 3 }), long);
        check(
            ColumnType::String,
            json!("x".repeat(501)),
            Err(Misfit::TooLong { most: 500 }),
        );
        let text = "x".repeat(100_000);
        check(ColumnType::Text, json!(text), Ok(Value::Text(text.clone())));
    }

    #[test]
    fn nul_is_refused_at_any_depth() {
        check(ColumnType::String, json!("a\0"), Err(Misfit::Nul));
        check(ColumnType::Json, json!("a\0"), Err(Misfit::Nul));
        check(ColumnType::Json, json!([{"a": ["\0"]}]), Err(Misfit::Nul));
        check(ColumnType::Json, json!({"\0": 1}), Err(Misfit::Nul));
    }

    #[test]
    fn numbers_are_made_to_fit_where_nothing_is_lost() {
        check(ColumnType::Int, json!(7), Ok(Value::Integer(7)));
        check(ColumnType::Int, json!(7.0), Ok(Value::Integer(7)));
        check(ColumnType::Int, json!(7.5), Err(Misfit::WrongType));
        check(ColumnType::Int, json!(1e19), Err(Misfit::WrongType));
        check(ColumnType::Int, json!(u64::MAX), Err(Misfit::WrongType));
        check(ColumnType::Int, json!("7"), Err(Misfit::WrongType));
        check(ColumnType::Double, json!(7), Ok(Value::Double(7.0)));
        check(ColumnType::Double, json!(1.5), Ok(Value::Double(1.5)));
        check(ColumnType::Double, json!("1.5"), Err(Misfit::WrongType));
        let infinite = Value::Double(f64::INFINITY);
        let column = Column::new("c", ColumnType::Double);
        assert_eq!(Err(Misfit::WrongType), convert(&column, infinite));
    }

    #[test]
    fn other_types_are_refused() {
        check(ColumnType::Boolean, json!(true), Ok(Value::Boolean(true)));
        let wrong = || Err(Misfit::WrongType);
        check(ColumnType::Boolean, json!(1), wrong());
        check(ColumnType::Boolean, json!("invalid number"), wrong());
        check(ColumnType::String, json!(7), wrong());
        check(ColumnType::StringId, json!(true), wrong());
        check(ColumnType::Text, json!({}), wrong());
        check(ColumnType::Int, json!([]), wrong());
    }

    #[test]
    fn dates_are_numbers_or_texts() {
        let date = ColumnType::DateTime;
        check(date, json!(5), Ok(Value::Integer(5)));
        check(date, json!(5.0), Ok(Value::Integer(5)));
        check(date, json!("1970-01-02"), Ok(Value::Integer(86_400_000)));
        for json in [
            json!("soon"),
            json!(""),
            json!(true),
            json!({}),
            json!(1e300),
            json!(i64::MAX),
        ] {
            check(date, json, Err(Misfit::InvalidDate));
        }
    }

    #[test]
    fn any_json_fits_a_json_column() {
        for json in [json!(1), json!("a"), json!([1, {"a": null}]), json!(true)] {
            check(ColumnType::Json, json.clone(), Ok(Value::from_json(json)));
        }
    }

    #[test]
    fn a_text_must_match_the_validator() {
        let column = Column {
            validator: Some("^[a-z]+$".to_owned()),
            ..Column::new("c", ColumnType::String)
        };
        assert!(convert(&column, Value::from("abc")).is_ok());
        assert_eq!(
            Err(Misfit::Validator),
            convert(&column, Value::from("abc1"))
        );
        assert_eq!(Ok(Value::Null), convert(&column, Value::Null));
    }

    #[test]
    fn the_texts_of_a_misfit_are_those_of_the_wire_contract() {
        let age = Column::new("age", ColumnType::Int);
        let said = |error: crate::Error| (error.code().number(), error.message().to_owned());
        assert_eq!(
            (
                1007,
                "Unable to save object - invalid data type for properties - age. You can change \
                 the property type in developer console."
                    .to_owned()
            ),
            said(Misfit::WrongType.of_record(&age))
        );
        assert_eq!(
            (8003, "Invalid date format for property age".to_owned()),
            said(Misfit::InvalidDate.of_user(&age))
        );
        assert_eq!(3049, said(Misfit::WrongType.of_user(&age)).0);
        assert_eq!(8000, said(Misfit::TooLong { most: 1 }.of_user(&age)).0);
        assert_eq!(8008, said(Misfit::Validator.of_record(&age)).0);
        assert_eq!(8008, said(Misfit::Nul.of_record(&age)).0);
    }
}
