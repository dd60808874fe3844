//! Objects that stand in one request more than once (wire contract, section 9.4).

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::BadRequest;

/// The mark of an object that is meant again elsewhere.
const MARK: &str = "__subID";

/// The only key of an object that stands for a marked one.
const REFERENCE: &str = "__originSubID";

/// How many values a body may have when every reference has been replaced: references within
/// references double with every level.
const VALUES_AT_MOST: usize = 100_000;

type Marked = BTreeMap<String, Map<String, Json>>;

/// Replaces references by the objects that they stand for, and takes the marks away.
///
/// # Errors
/// 8008 for a reference to nothing, for an object without an objectId that holds itself, and for
/// more values than there may be.
pub(crate) fn resolve(object: Map<String, Json>) -> Result<Map<String, Json>, BadRequest> {
    let mut marked = Marked::new();
    if !collect(&object, &mut marked) {
        return Ok(object);
    }
    let mut resolution = Resolution {
        marked: &marked,
        within: Vec::new(),
        values: 0,
    };
    resolution.object(&object)
}

/// Whether there are marks or references at all, which is rare.
fn collect(object: &Map<String, Json>, marked: &mut Marked) -> bool {
    let mark = object.get(MARK).and_then(Json::as_str);
    if let Some(mark) = mark {
        marked.insert(mark.to_owned(), object.clone());
    }
    // All values are looked at, whatever was found in the first.
    let mut found = mark.is_some() || object.contains_key(REFERENCE);
    for value in object.values() {
        found |= collect_in(value, marked);
    }
    found
}

fn collect_in(value: &Json, marked: &mut Marked) -> bool {
    match value {
        Json::Object(object) => collect(object, marked),
        Json::Array(list) => {
            let mut found = false;
            for value in list {
                found |= collect_in(value, marked);
            }
            found
        }
        _ => false,
    }
}

struct Resolution<'a> {
    marked: &'a Marked,
    /// The marks of the objects around the one that is being resolved.
    within: Vec<&'a str>,
    values: usize,
}

impl<'a> Resolution<'a> {
    fn object(&mut self, object: &'a Map<String, Json>) -> Result<Map<String, Json>, BadRequest> {
        if let Some(reference) = object.get(REFERENCE).and_then(Json::as_str) {
            return self.referred(reference);
        }
        let mark = object.get(MARK).and_then(Json::as_str);
        self.within.extend(mark);
        let mut resolved = Map::new();
        for (name, value) in object.iter().filter(|(name, _)| *name != MARK) {
            resolved.insert(name.clone(), self.value(value)?);
        }
        if mark.is_some() {
            self.within.pop();
        }
        Ok(resolved)
    }

    fn referred(&mut self, reference: &str) -> Result<Map<String, Json>, BadRequest> {
        let marked = self.marked;
        let Some(object) = marked.get(reference) else {
            let message = format!("a '{REFERENCE}' in the body names no object of it");
            return Err(BadRequest::invalid(message));
        };
        if !self.within.contains(&reference) {
            return self.object(object);
        }
        // An object that holds itself: within it, its id says enough.
        match object.get("objectId") {
            Some(id) if !id.is_null() => {
                Ok([("objectId".to_owned(), id.clone())].into_iter().collect())
            }
            _ => Err(BadRequest::invalid(
                "an object in the body holds itself; save it first, then relate it by its objectId",
            )),
        }
    }

    fn value(&mut self, value: &'a Json) -> Result<Json, BadRequest> {
        self.values += 1;
        if self.values > VALUES_AT_MOST {
            let message = "the body holds too many repeated objects; save them one by one";
            return Err(BadRequest::invalid(message));
        }
        Ok(match value {
            Json::Object(object) => Json::Object(self.object(object)?),
            Json::Array(list) => {
                let resolved: Result<_, BadRequest> =
                    list.iter().map(|value| self.value(value)).collect();
                Json::Array(resolved?)
            }
            other => other.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(expected: Json, body: Json) {
        let resolved = resolve(body.as_object().unwrap().clone()).unwrap();
        assert_eq!(expected, Json::Object(resolved));
    }

    #[track_caller]
    fn refused(body: Json) {
        let refusal = resolve(body.as_object().unwrap().clone()).unwrap_err();
        assert_eq!(8008, refusal.code.number());
    }

    #[test]
    fn a_body_without_repeats_stays_as_it_is() {
        let body = json!({ "a": [{ "b": null }], "c": { "d": 1.5 } });
        check(body.clone(), body);
    }

    #[test]
    fn a_reference_becomes_the_object_wherever_that_stands() {
        let ann = json!({ "objectId": "1", "name": "Ann" });
        check(
            json!({ "a": ann, "list": [1, ann], "z": { "b": ann } }),
            json!({
                "a": { "__originSubID": "x" },
                "list": [1, { "__subID": "x", "objectId": "1", "name": "Ann" }],
                "z": { "b": { "__originSubID": "x" } },
            }),
        );
    }

    #[test]
    fn an_object_that_holds_itself_is_cut_at_its_id() {
        check(
            json!({ "objectId": "1", "friend": { "friend": { "objectId": "1" } } }),
            json!({
                "__subID": "x", "objectId": "1",
                "friend": { "friend": { "__originSubID": "x" } },
            }),
        );
        refused(json!({ "__subID": "x", "friend": { "__originSubID": "x" } }));
    }

    #[test]
    fn a_reference_to_nothing_is_refused() {
        refused(json!({ "a": { "__originSubID": "x" } }));
    }

    #[test]
    fn references_that_double_with_every_level_are_refused() {
        let mut body = Map::new();
        body.insert("l0".to_owned(), json!({ "__subID": "0", "n": 1 }));
        for level in 1..40 {
            let below = json!({ "__originSubID": (level - 1).to_string() });
            let both = json!({ "__subID": level.to_string(), "a": below, "b": below });
            body.insert(format!("l{level}"), both);
        }
        refused(Json::Object(body));
    }
}
