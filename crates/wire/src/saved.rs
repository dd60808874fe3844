use serde_json::{Map, Value as Json};
use vestibule_model::{ErrorCode, Properties, Value};

use crate::{
    BadRequest,
    repeated::{self, Marks},
    strict_json,
};

/// Key of a record's id.
const OBJECT_ID: &str = "objectId";

/// Takes the columns of a record out of a body that saves it; objects that the SDK sent once and
/// meant several times are put where they belong.
///
/// # Errors
/// 8008 for repeated objects that cannot be put in their places.
pub fn parse_record(body: Map<String, Json>) -> Result<Properties, BadRequest> {
    repeated::resolve(body, Marks::Dropped).map(Value::properties_from_json)
}

/// The same of a body that saves a record with the records it relates to. An object that is meant
/// several times has the same `__subID` in all its places: it is one record.
///
/// # Errors
/// As [`parse_record`].
pub fn parse_deep_record(body: Map<String, Json>) -> Result<Properties, BadRequest> {
    repeated::resolve(body, Marks::Kept).map(Value::properties_from_json)
}

/// Takes the id out of the columns of a record, if it has one. Whether a record can have such an
/// id is not said.
///
/// ```
/// use vestibule_wire::{parse_object, parse_record, take_object_id};
///
/// let mut order = parse_record(parse_object(br#"{"objectId": "A", "total": 7}"#)?)?;
/// assert_eq!(Some("A"), take_object_id(&mut order)?.as_deref());
/// assert_eq!(1, order.len());
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// # Errors
/// 8008 for an id that is no text.
pub fn take_object_id(record: &mut Properties) -> Result<Option<String>, BadRequest> {
    match record.remove(OBJECT_ID) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Text(id)) => Ok(Some(id)),
        Some(_) => Err(BadRequest::invalid(format!("'{OBJECT_ID}' must be a text"))),
    }
}

/// Reads a body that must be a list of records, as the bulk operations send it.
///
/// # Errors
/// 8002 for what is not JSON or no list; 8008 with its place for an element that is no object;
/// otherwise as [`parse_object`](crate::parse_object).
pub fn parse_records(bytes: &[u8]) -> Result<Vec<Properties>, BadRequest> {
    let Json::Array(list) = strict_json::parse(bytes)? else {
        return Err(BadRequest::new(
            ErrorCode::MalformedBody,
            "the body must be a list of objects: send [{\"name\": value, ...}, ...]",
        ));
    };
    let records = list
        .into_iter()
        .enumerate()
        .map(|(at, record)| match record {
            Json::Object(object) => Ok(Value::properties_from_json(object)),
            _ => Err(BadRequest::invalid(format!(
                "the element {at} of the list must be an object"
            ))),
        });
    records.collect()
}

/// Reads a list of ids of records, texts or numbers; `None` if there is no body at all.
///
/// # Errors
/// 8002 for what is not JSON or no list; 8008 with its place for an element that is no id.
pub fn parse_ids(bytes: &[u8]) -> Result<Option<Vec<String>>, BadRequest> {
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    let Json::Array(list) = strict_json::parse(bytes)? else {
        return Err(BadRequest::new(
            ErrorCode::MalformedBody,
            "the body must be a list of ids: send [\"id\", ...]",
        ));
    };
    let ids = list.into_iter().enumerate().map(|(at, id)| match id {
        Json::String(id) => Ok(id),
        Json::Number(id) => Ok(id.to_string()),
        _ => Err(BadRequest::invalid(format!(
            "the element {at} of the list must be an id, a text or a number"
        ))),
    });
    ids.collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn code<T: std::fmt::Debug>(expected: i32, result: Result<T, BadRequest>) {
        assert_eq!(expected, result.unwrap_err().code.number());
    }

    #[test]
    fn a_list_of_records_is_read_and_anything_else_is_refused() {
        let records = parse_records(br#"[{"a":1},{}]"#).unwrap();
        assert_eq!((2, &Value::from(1)), (records.len(), &records[0]["a"]));
        assert!(parse_records(b"[]").unwrap().is_empty());
        for body in ["", "{}", "null", "[", "7"] {
            code(8002, parse_records(body.as_bytes()));
        }
        for body in ["[null]", "[{},7]", "[[]]", r#"["x"]"#] {
            code(8008, parse_records(body.as_bytes()));
        }
        code(8001, parse_records(br#"[{"a":1,"a":2}]"#));
        code(8008, parse_records(br#"[{"a":"\u0000"}]"#));
    }

    #[test]
    fn ids_are_texts_or_numbers() {
        let ids = |text: &str| parse_ids(text.as_bytes());
        assert_eq!(None, ids(" ").unwrap());
        assert_eq!(Some(Vec::new()), ids("[]").unwrap());
        let expected = vec!["a".to_owned(), "7".to_owned()];
        assert_eq!(Some(expected), ids(r#"["a",7]"#).unwrap());
        for body in ["{}", "null", "\"a\"", "["] {
            code(8002, ids(body));
        }
        for body in ["[null]", "[true]", "[[\"a\"]]", r#"[{"objectId":"a"}]"#] {
            code(8008, ids(body));
        }
    }

    #[test]
    fn an_id_is_a_text_or_absent() {
        let take = |id: Json| {
            let mut record =
                Value::properties_from_json([("objectId".to_owned(), id)].into_iter().collect());
            take_object_id(&mut record)
        };
        assert_eq!(Some("1".to_owned()), take(json!("1")).unwrap());
        assert_eq!(None, take(json!(null)).unwrap());
        code(8008, take(json!(1)));
        code(8008, take(json!({})));
    }
}
