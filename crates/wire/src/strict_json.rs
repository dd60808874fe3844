//! Reads JSON more strictly than `serde_json` does: no key twice in an object, no NUL in a text.

use std::{cell::RefCell, fmt};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};
use vestibule_model::ErrorCode;

use crate::BadRequest;

/// Longest key of a client that is repeated in an error.
const KEY_AT_MOST: usize = 64;

/// Reads one JSON document.
///
/// # Errors
/// 8001 for a key that comes twice in one object, 8008 for a NUL character in a text, and 8002
/// with the parser's own words for everything else.
pub(crate) fn parse(bytes: &[u8]) -> Result<Json, BadRequest> {
    let refusal = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed = Strict { refusal: &refusal }
        .deserialize(&mut deserializer)
        .and_then(|json| deserializer.end().map(|()| json));
    parsed.map_err(|error| {
        refusal.take().unwrap_or_else(|| {
            let message = format!("the body is not valid JSON: {error}");
            BadRequest::new(ErrorCode::MalformedBody, message)
        })
    })
}

/// Builds a value, and keeps a refusal of ours apart from the parser's errors.
#[derive(Clone, Copy)]
struct Strict<'a> {
    refusal: &'a RefCell<Option<BadRequest>>,
}

impl Strict<'_> {
    fn refuse<E: de::Error>(self, refusal: BadRequest) -> E {
        *self.refusal.borrow_mut() = Some(refusal);
        E::custom("refused")
    }

    /// No column of any database we keep data in can hold a NUL character.
    fn text<E: de::Error>(self, text: String) -> Result<String, E> {
        if text.contains('\0') {
            let message = "a text in the body holds a NUL character; leave it out";
            return Err(self.refuse(BadRequest::invalid(message)));
        }
        Ok(text)
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, boolean: bool) -> Result<Json, E> {
        Ok(Json::Bool(boolean))
    }

    fn visit_i64<E: de::Error>(self, integer: i64) -> Result<Json, E> {
        Ok(Json::from(integer))
    }

    fn visit_u64<E: de::Error>(self, integer: u64) -> Result<Json, E> {
        Ok(Json::from(integer))
    }

    fn visit_f64<E: de::Error>(self, double: f64) -> Result<Json, E> {
        Ok(Number::from_f64(double).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Json, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Json, E> {
        self.text(text).map(Json::String)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(self)? {
            list.push(element);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let key = self.text(key)?;
            if object.contains_key(&key) {
                let shown: String = key.chars().take(KEY_AT_MOST).collect();
                let message = format!("the property '{shown}' comes twice in one object");
                return Err(self.refuse(BadRequest::new(ErrorCode::DuplicateProperty, message)));
            }
            let value = entries.next_value_seed(self)?;
            object.insert(key, value);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn refused(code: i32, text: &str) {
        assert_eq!(code, parse(text.as_bytes()).unwrap_err().code.number());
    }

    #[test]
    fn every_kind_of_value_is_read_as_it_is() {
        let text = r#"{"a":[1,-2,3.5,"ü",true,null,{"b":{}}],"c":18446744073709551615}"#;
        let json = json!({
            "a": [1, -2, 3.5, "ü", true, null, {"b": {}}],
            "c": 18_446_744_073_709_551_615_u64,
        });
        assert_eq!(json, parse(text.as_bytes()).unwrap());
    }

    #[test]
    fn a_key_that_comes_twice_is_named_however_deep_it_lies() {
        let refusal = parse(br#"{"a":{"email":1,"email":2}}"#).unwrap_err();
        assert_eq!(8001, refusal.code.number());
        assert!(refusal.message.contains("'email'"), "{refusal}");
        assert!(parse(br#"{"a":{"x":1},"b":{"x":1}}"#).is_ok());
    }

    #[test]
    fn the_same_key_in_two_spellings_comes_twice() {
        refused(8001, r#"{"email":1,"\u0065mail":2}"#);
    }

    #[test]
    fn a_nul_character_is_refused_in_texts_and_in_keys() {
        refused(8008, r#"{"a":"x\u0000y"}"#);
        refused(8008, r#"{"a\u0000":1}"#);
        refused(8008, r#"{"a":[{"b":["\u0000"]}]}"#);
    }

    #[test]
    fn broken_json_is_refused_with_the_words_of_the_parser() {
        for text in [
            "{", "{]", "nul", "{\"a\":}", "{} x", "1e999", "\"\\x\"", "'a'",
        ] {
            refused(8002, text);
        }
        let refusal = parse(b"{\"a\":}").unwrap_err();
        assert!(refusal.message.contains("line 1"), "{refusal}");
    }

    #[test]
    fn what_is_not_utf_8_and_what_is_nested_too_deeply_is_refused() {
        assert_eq!(8002, parse(b"\"\xff\"").unwrap_err().code.number());
        refused(8002, &"[".repeat(100_000));
    }
}
