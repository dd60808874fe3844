//! Objects that stand in one request more than once (wire contract, section 9.4).

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::BadRequest;

/// The mark of an object that is meant again elsewhere.
const MARK: &str = "__subID";

/// The only key of an object that stands for a marked one.
const REFERENCE: &str = "__originSubID";

/// What references may add to a body, in bytes: references within references double with every
/// level, and an object with a long text may be meant many times.
const ADDED_AT_MOST: usize = 1024 * 1024;

/// What a value costs beside its text.
const COST_OF_A_VALUE: usize = 16;

/// How deep objects and lists may lie within each other when every reference has been replaced: as
/// deep as the parser takes them, so that what was stored can be read again.
const DEPTH_AT_MOST: usize = 127;

type Marked<'a> = BTreeMap<&'a str, &'a Map<String, Json>>;

/// Whether the objects keep their marks when references have been replaced.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Marks {
    /// They do, and so do their copies: whoever reads them can tell that they are one. What would
    /// never end is left as a reference.
    Kept,
    /// They do not: every copy stands for itself.
    Dropped,
}

/// Replaces references by the objects that they stand for.
///
/// # Errors
/// 8008 for a reference to nothing, for an object without an objectId that holds itself and has no
/// mark to be known by, and for more than references may add.
pub(crate) fn resolve(
    object: Map<String, Json>,
    marks: Marks,
) -> Result<Map<String, Json>, BadRequest> {
    let mut marked = Marked::new();
    if !collect(&object, &mut marked) {
        return Ok(object);
    }
    let mut resolution = Resolution {
        marked: &marked,
        marks,
        within: Vec::new(),
        depth: 1,
        references: 0,
        added: 0,
    };
    resolution.object(&object)
}

/// Whether there are marks or references at all, which is rare.
fn collect<'a>(object: &'a Map<String, Json>, marked: &mut Marked<'a>) -> bool {
    let mark = object.get(MARK).and_then(Json::as_str);
    if let Some(mark) = mark {
        marked.insert(mark, object);
    }
    // All values are looked at, whatever was found in the first.
    let mut found = mark.is_some() || object.contains_key(REFERENCE);
    for value in object.values() {
        found |= collect_in(value, marked);
    }
    found
}

fn collect_in<'a>(value: &'a Json, marked: &mut Marked<'a>) -> bool {
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
    marked: &'a Marked<'a>,
    marks: Marks,
    /// The marks of the objects around the one that is being resolved.
    within: Vec<&'a str>,
    /// How many objects and lists there are around what is being resolved.
    depth: usize,
    /// How many references led to what is being resolved.
    references: usize,
    /// What references have added so far.
    added: usize,
}

impl<'a> Resolution<'a> {
    fn object(&mut self, object: &'a Map<String, Json>) -> Result<Map<String, Json>, BadRequest> {
        if let Some(reference) = object.get(REFERENCE).and_then(Json::as_str) {
            return self.referred(reference);
        }
        let mark = object.get(MARK).and_then(Json::as_str);
        self.within.extend(mark);
        let mut resolved = Map::new();
        for (name, value) in object {
            if name != MARK {
                self.charge(name)?;
                resolved.insert(name.clone(), self.value(value)?);
            } else if self.marks == Marks::Kept {
                resolved.insert(name.clone(), value.clone());
            }
        }
        if mark.is_some() {
            self.within.pop();
        }
        Ok(resolved)
    }

    fn referred(&mut self, reference: &str) -> Result<Map<String, Json>, BadRequest> {
        let Some((mark, object)) = self.marked.get_key_value(reference) else {
            let message = format!("a '{REFERENCE}' in the body names no object of it");
            return Err(BadRequest::invalid(message));
        };
        if !self.within.contains(mark) {
            self.references += 1;
            // A reference that stands for a reference makes nothing deeper, and need not end.
            if self.references > DEPTH_AT_MOST {
                return Err(too_deep());
            }
            let resolved = self.object(object);
            self.references -= 1;
            return resolved;
        }
        if self.marks == Marks::Kept {
            let again = (REFERENCE.to_owned(), Json::from(*mark));
            return Ok([again].into_iter().collect());
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
        if let Json::Object(_) | Json::Array(_) = value {
            self.depth += 1;
            if self.depth > DEPTH_AT_MOST {
                return Err(too_deep());
            }
        }
        self.charge(value.as_str().unwrap_or_default())?;
        Ok(match value {
            Json::Object(object) => {
                let resolved = self.object(object)?;
                self.depth -= 1;
                Json::Object(resolved)
            }
            Json::Array(list) => {
                let resolved: Result<_, BadRequest> =
                    list.iter().map(|value| self.value(value)).collect();
                self.depth -= 1;
                Json::Array(resolved?)
            }
            other => other.clone(),
        })
    }

    /// Counts a value with this text if a reference led to it.
    fn charge(&mut self, text: &str) -> Result<(), BadRequest> {
        if self.references > 0 {
            self.added += COST_OF_A_VALUE + text.len();
        }
        if self.added > ADDED_AT_MOST {
            let message = "the body holds too many repeated objects; save them one by one";
            return Err(BadRequest::invalid(message));
        }
        Ok(())
    }
}

fn too_deep() -> BadRequest {
    BadRequest::invalid("the repeated objects in the body lie too deep within each other")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(expected: Json, body: Json) {
        let resolved = resolve(body.as_object().unwrap().clone(), Marks::Dropped).unwrap();
        assert_eq!(expected, Json::Object(resolved));
    }

    #[track_caller]
    fn refused(body: Json) {
        let refusal = resolve(body.as_object().unwrap().clone(), Marks::Dropped).unwrap_err();
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
    #[test]
    fn a_long_text_that_is_meant_many_times_is_refused() {
        let long = json!({ "__subID": "x", "text": "x".repeat(100_000) });
        let references = |count| vec![json!({ "__originSubID": "x" }); count];
        refused(json!({ "a": long, "b": references(1000) }));
        let few = json!({ "a": long, "b": references(5) });
        resolve(few.as_object().unwrap().clone(), Marks::Dropped).unwrap();
    }

    #[test]
    fn empty_lists_that_are_meant_many_times_are_refused() {
        let lists = json!({ "__subID": "x", "lists": vec![json!([]); 10_000] });
        refused(json!({ "a": lists, "b": vec![json!({ "__originSubID": "x" }); 10_000] }));
    }

    #[test]
    fn a_chain_of_references_is_no_deeper_than_a_body_can_be() {
        let chain = |length: usize| {
            let mut body = Map::new();
            body.insert("l0".to_owned(), json!({ "__subID": "0" }));
            for level in 1..length {
                let below = json!({ "__originSubID": (level - 1).to_string() });
                let object = json!({ "__subID": level.to_string(), "a": [below] });
                body.insert(format!("l{level}"), object);
            }
            body
        };
        refused(Json::Object(chain(20_000)));
        let resolved = resolve(chain(63), Marks::Dropped).unwrap();
        let text = serde_json::to_vec(&resolved).unwrap();
        assert!(crate::parse_object(&text).is_ok());
        refused(Json::Object(chain(64)));
    }

    #[test]
    fn references_that_stand_for_each_other_are_refused() {
        let reference = |mark, to| json!({ "__subID": mark, "__originSubID": to });
        refused(json!({ "a": reference("x", "y"), "b": reference("y", "x") }));
        refused(json!({ "a": reference("x", "x") }));
    }

    #[test]
    fn marks_that_are_kept_say_which_objects_are_one() {
        let ann = json!({ "__subID": "x", "n": 1, "self": { "__originSubID": "x" } });
        let body = json!({ "a": { "__originSubID": "x" }, "b": ann });
        let resolved = resolve(body.as_object().unwrap().clone(), Marks::Kept).unwrap();
        assert_eq!(json!({ "a": ann, "b": ann }), Json::Object(resolved));
    }
}
