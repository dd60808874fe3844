//! Paths into JSON: `$.customer.phones[0]`, `$."first name"`.

use std::fmt;

use serde_json::Value as Json;

/// Longest path, in bytes.
const LENGTH_AT_MOST: usize = 500;

/// Steps in one path. What a path leads to is at most this much deeper than it was.
const LEGS_AT_MOST: usize = 32;

/// A path from the whole value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonPath {
    text: String,
    legs: Vec<Leg>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    /// To a member of an object.
    Member(String),
    /// To an item of a list, counted from 0.
    Item(usize),
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// Says what is wrong with it. Wildcards are refused: a change has one place.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        const SHAPE: &str = "a path is like $.name[0]";
        if text.len() > LENGTH_AT_MOST {
            return Err(format!("a path has at most {LENGTH_AT_MOST} bytes"));
        }
        let mut rest = text.strip_prefix('$').ok_or(SHAPE)?;
        let mut legs = Vec::new();
        while !rest.is_empty() {
            let (leg, after) = if let Some(after) = rest.strip_prefix('.') {
                member(after)
            } else if let Some(after) = rest.strip_prefix('[') {
                item(after)
            } else {
                None
            }
            .ok_or_else(|| match rest.contains('*') {
                true => "wildcards are not supported: name one place".to_owned(),
                false => SHAPE.to_owned(),
            })?;
            legs.push(leg);
            if legs.len() > LEGS_AT_MOST {
                return Err(format!("a path has at most {LEGS_AT_MOST} steps"));
            }
            rest = after;
        }
        let text = text.to_owned();
        Ok(Self { text, legs })
    }

    /// The last step; none if the path leads to the whole value.
    pub(super) fn last(&self) -> Option<&Leg> {
        self.legs.last()
    }

    /// The part that the path leads to.
    pub(super) fn find<'j>(&self, json: &'j mut Json) -> Option<&'j mut Json> {
        walk(json, &self.legs)
    }

    /// What the part belongs to, or would belong to, and the last step.
    pub(super) fn parent<'j>(&self, json: &'j mut Json) -> Option<(&'j mut Json, &Leg)> {
        let (last, legs) = self.legs.split_last()?;
        Some((walk(json, legs)?, last))
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn walk<'j>(json: &'j mut Json, legs: &[Leg]) -> Option<&'j mut Json> {
    legs.iter().try_fold(json, |json, leg| match (json, leg) {
        (Json::Object(object), Leg::Member(name)) => object.get_mut(name),
        (Json::Array(items), Leg::Item(index)) => items.get_mut(*index),
        // What is no list is a list of one item, as in MySQL.
        (json, Leg::Item(0)) if !json.is_array() => Some(json),
        _ => None,
    })
}

fn member(text: &str) -> Option<(Leg, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"')?;
        let name = quoted[..end].to_owned();
        return Some((Leg::Member(name), &quoted[end + 1..]));
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let name = &text[..end];
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-');
    (!name.is_empty() && name.chars().all(is_plain))
        .then(|| (Leg::Member(name.to_owned()), &text[end..]))
}

fn item(text: &str) -> Option<(Leg, &str)> {
    let (index, rest) = text.split_once(']')?;
    let is_number = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
    let index = is_number.then(|| index.parse().ok())??;
    Some((Leg::Item(index), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_members_and_items() {
        let path = JsonPath::parse("$.a.b[0].\"c d\"").unwrap();
        let member = |name: &str| Leg::Member(name.to_owned());
        assert_eq!(
            vec![member("a"), member("b"), Leg::Item(0), member("c d")],
            path.legs
        );
        assert_eq!(None, JsonPath::parse("$").unwrap().last());
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("${}", ".a".repeat(300));
        let deep = format!("${}", "[0]".repeat(33));
        for text in [
            "",
            "a",
            "$a",
            "$.",
            "$..a",
            "$[",
            "$[]",
            "$[-1]",
            "$[x]",
            "$.a b",
            "$[*]",
            "$.*",
            "$**.a",
            "$.\"a",
            "$[99999999999999999999]",
            &long,
            &deep,
        ] {
            assert!(JsonPath::parse(text).is_err(), "{text}");
        }
        assert!(JsonPath::parse("$[*]").unwrap_err().contains("wildcards"));
    }
}
