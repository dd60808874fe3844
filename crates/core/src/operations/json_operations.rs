//! Parts of JSON columns change: the operations of the wire contract, section 9.4, with the meaning
//! that they have in MySQL, where they come from.
//!
//! They are computed here rather than by the database, so that every engine means the same by them.
//! Whoever makes the change requires that the record has not changed since it was read.

use serde_json::{Map, Value as Json};
use vestibule_model::Value;

use super::json_path::{JsonPath, Leg};
use crate::{Error, Result, schema};

/// Paths in one operation. More would make a save expensive for nobody's good.
const PATHS_AT_MOST: usize = 100;

/// Longest JSON that an operation may leave behind, in bytes: as much as one body may bring. Without
/// a bound, small appends would make a value that is expensive for everybody who reads it.
const BYTES_AT_MOST: usize = 1024 * 1024;

/// Objects and lists within each other that an operation may leave behind. What is deeper than 128
/// could not be read again.
const DEPTH_AT_MOST: usize = 100;

/// One change of a part of a JSON column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct JsonOperation {
    kind: Kind,
    steps: Vec<(JsonPath, Json)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Replaces what is there, inserts what is not.
    Set,
    /// Inserts what is not there.
    Insert,
    /// Replaces what is there.
    Replace,
    /// Takes away.
    Remove,
    /// Puts at the end of a list; what is no list becomes one first.
    ArrayAppend,
    /// Puts into a list before a position.
    ArrayInsert,
}

impl Kind {
    const ALL: [(&'static str, Self); 6] = [
        ("JSON_SET", Self::Set),
        ("JSON_INSERT", Self::Insert),
        ("JSON_REPLACE", Self::Replace),
        ("JSON_REMOVE", Self::Remove),
        ("JSON_ARRAY_APPEND", Self::ArrayAppend),
        ("JSON_ARRAY_INSERT", Self::ArrayInsert),
    ];
}

impl JsonOperation {
    /// The operation that an object stands for; none if it is a plain value.
    pub(super) fn parse(column: &str, object: &Map<String, Json>) -> Option<Result<Self>> {
        let name = object.get("___operation")?;
        Some(Self::read(name, object.get("args")).map_err(|error| in_column(column, &error)))
    }

    fn read(name: &Json, args: Option<&Json>) -> Result<Self, String> {
        let known = Kind::ALL
            .into_iter()
            .find(|(known, _)| name.as_str() == Some(known));
        let Some((name, kind)) = known else {
            let names = Kind::ALL.map(|(name, _)| name).join(", ");
            return Err(format!("'___operation' is one of {names}"));
        };
        let args: Vec<(&str, Json)> = match (kind, args) {
            (Kind::Remove, Some(Json::Array(paths))) => paths
                .iter()
                .map(|path| Some((path.as_str()?, Json::Null)))
                .collect::<Option<_>>()
                .ok_or_else(|| format!("the 'args' of {name} are a list of paths"))?,
            (Kind::Remove, _) => return Err(format!("the 'args' of {name} are a list of paths")),
            (_, Some(Json::Object(values))) => values
                .iter()
                .map(|(path, value)| (path.as_str(), value.clone()))
                .collect(),
            _ => {
                return Err(format!(
                    "the 'args' of {name} are an object of paths and values"
                ));
            }
        };
        if args.is_empty() || args.len() > PATHS_AT_MOST {
            return Err(format!("{name} takes from 1 to {PATHS_AT_MOST} paths"));
        }
        let mut steps = Vec::new();
        for (text, value) in args {
            let path = JsonPath::parse(text).map_err(|why| in_path(text, &why))?;
            let is_root = path.last().is_none();
            if kind == Kind::Remove && is_root {
                let why = format!("{name} cannot take the whole value away");
                return Err(in_path(text, &why));
            }
            if kind == Kind::ArrayInsert && !matches!(path.last(), Some(Leg::Item(_))) {
                let why = format!("{name} needs a position at its end");
                return Err(in_path(text, &why));
            }
            steps.push((path, value));
        }
        Ok(Self { kind, steps })
    }

    /// What becomes of a column with this value. Of nothing comes nothing, as in MySQL.
    ///
    /// # Errors
    /// 8008 naming the column: if an item is to go into what is no list, and for a value that becomes
    /// too long or too deep.
    pub(super) fn apply(&self, column: &str, value: &Value) -> Result<Value> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        let mut json = value.to_json();
        for (path, new) in &self.steps {
            self.step(&mut json, path, new)
                .map_err(|why| in_column(column, &in_path(&path.to_string(), why)))?;
        }
        if !is_within(&json, DEPTH_AT_MOST) || json.to_string().len() > BYTES_AT_MOST {
            let why = format!(
                "the value would have more than {BYTES_AT_MOST} bytes, or be more than \
                 {DEPTH_AT_MOST} deep"
            );
            return Err(in_column(column, &why));
        }
        // A JSON null is a value of its own; as a column's value it is nothing.
        Ok(Value::from_json(json))
    }

    fn step(&self, json: &mut Json, path: &JsonPath, new: &Json) -> Result<(), &'static str> {
        match self.kind {
            Kind::Remove => remove(json, path),
            Kind::ArrayAppend => {
                if let Some(target) = path.find(json) {
                    append(target, new.clone());
                }
            }
            Kind::ArrayInsert => return array_insert(json, path, new),
            Kind::Set | Kind::Insert | Kind::Replace => {
                if let Some(target) = path.find(json) {
                    if self.kind != Kind::Insert {
                        *target = new.clone();
                    }
                } else if self.kind != Kind::Replace {
                    insert(json, path, new);
                }
            }
        }
        Ok(())
    }
}

/// Puts a value where there is none, if what it would belong to is there.
fn insert(json: &mut Json, path: &JsonPath, new: &Json) {
    let Some((parent, last)) = path.parent(json) else {
        return;
    };
    match (parent, last) {
        (Json::Object(object), Leg::Member(name)) => {
            object.insert(name.clone(), new.clone());
        }
        (parent, Leg::Item(_)) if !parent.is_object() => append(parent, new.clone()),
        _ => {}
    }
}

fn remove(json: &mut Json, path: &JsonPath) {
    match path.parent(json) {
        Some((Json::Object(object), Leg::Member(name))) => {
            object.remove(name);
        }
        Some((Json::Array(items), Leg::Item(index))) if *index < items.len() => {
            items.remove(*index);
        }
        _ => {}
    }
}

fn array_insert(json: &mut Json, path: &JsonPath, new: &Json) -> Result<(), &'static str> {
    match path.parent(json) {
        Some((Json::Array(items), Leg::Item(index))) => {
            items.insert((*index).min(items.len()), new.clone());
            Ok(())
        }
        Some(_) => Err("there is no list here to insert into"),
        None => Ok(()),
    }
}

/// Puts a value at the end of a list; what is no list becomes the first item of one.
fn append(target: &mut Json, new: Json) {
    if let Json::Array(items) = target {
        items.push(new);
    } else {
        *target = Json::Array(vec![target.take(), new]);
    }
}

/// Whether no more than so many objects and lists are within each other.
fn is_within(json: &Json, depth: usize) -> bool {
    let mut inner: Box<dyn Iterator<Item = &Json>> = match json {
        Json::Array(items) => Box::new(items.iter()),
        Json::Object(object) => Box::new(object.values()),
        _ => return true,
    };
    depth > 0 && inner.all(|json| is_within(json, depth - 1))
}

fn in_path(path: &str, why: &str) -> String {
    format!("path '{}': {why}", schema::shown(path))
}

fn in_column(column: &str, why: &str) -> Error {
    Error::invalid(format!(
        "the JSON operation on the column '{}' cannot be done: {why}",
        schema::shown(column)
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn operation(name: &str, args: Json) -> Result<JsonOperation> {
        let object = json!({ "___operation": name, "args": args });
        JsonOperation::parse("doc", object.as_object().unwrap()).unwrap()
    }

    #[track_caller]
    fn check(name: &str, args: Json, expected: Json) {
        let before = json!({ "a": [1, { "b": 2 }], "c": "x" });
        let operation = operation(name, args).unwrap();
        let after = operation.apply("doc", &Value::from_json(before)).unwrap();
        assert_eq!(expected, after.to_json());
    }

    #[track_caller]
    fn refused(name: &str, args: Json, why: &str) {
        let error = operation(name, args).unwrap_err();
        assert_eq!(8008, error.code().number());
        assert!(error.message().contains("'doc'"), "{error}");
        assert!(error.message().contains(why), "{error}");
    }

    #[test]
    fn set_replaces_what_is_there_and_inserts_what_is_not() {
        check(
            "JSON_SET",
            json!({ "$.c": [], "$.d": true }),
            json!({ "a": [1, { "b": 2 }], "c": [], "d": true }),
        );
        check(
            "JSON_SET",
            json!({ "$.a[1].b": 3, "$.a[9]": 4 }),
            json!({ "a": [1, { "b": 3 }, 4], "c": "x" }),
        );
        check("JSON_SET", json!({ "$": 7 }), json!(7));
    }

    #[test]
    fn a_path_through_what_is_not_there_does_nothing() {
        let before = json!({ "a": [1, { "b": 2 }], "c": "x" });
        for name in [
            "JSON_SET",
            "JSON_INSERT",
            "JSON_REPLACE",
            "JSON_ARRAY_APPEND",
        ] {
            check(name, json!({ "$.x.y": 1 }), before.clone());
        }
        check("JSON_ARRAY_INSERT", json!({ "$.x[0]": 1 }), before.clone());
        check("JSON_REMOVE", json!(["$.x.y", "$.a[7]", "$.c.d"]), before);
    }

    #[test]
    fn insert_leaves_alone_what_is_there_and_replace_what_is_not() {
        check(
            "JSON_INSERT",
            json!({ "$.c": 1, "$.d": 2 }),
            json!({ "a": [1, { "b": 2 }], "c": "x", "d": 2 }),
        );
        check(
            "JSON_REPLACE",
            json!({ "$.c": 1, "$.d": 2 }),
            json!({ "a": [1, { "b": 2 }], "c": 1 }),
        );
    }

    #[test]
    fn remove_takes_members_and_items_away_one_after_the_other() {
        check(
            "JSON_REMOVE",
            json!(["$.c", "$.a[0]"]),
            json!({ "a": [{ "b": 2 }] }),
        );
        check(
            "JSON_REMOVE",
            json!(["$.a[0]", "$.a[0]"]),
            json!({ "a": [], "c": "x" }),
        );
    }

    #[test]
    fn append_makes_a_list_of_what_is_none() {
        check(
            "JSON_ARRAY_APPEND",
            json!({ "$.a": 5, "$.c": "y" }),
            json!({ "a": [1, { "b": 2 }, 5], "c": ["x", "y"] }),
        );
    }

    #[test]
    fn insert_into_a_list_moves_the_rest_along() {
        check(
            "JSON_ARRAY_INSERT",
            json!({ "$.a[1]": 5 }),
            json!({ "a": [1, 5, { "b": 2 }], "c": "x" }),
        );
        check(
            "JSON_ARRAY_INSERT",
            json!({ "$.a[9]": 5 }),
            json!({ "a": [1, { "b": 2 }, 5], "c": "x" }),
        );
        let operation = operation("JSON_ARRAY_INSERT", json!({ "$.c[0]": 1 })).unwrap();
        let error = operation
            .apply("doc", &Value::Json(json!({ "c": 1 })))
            .unwrap_err();
        assert!(error.message().contains("$.c[0]"), "{error}");
    }

    #[test]
    fn a_value_becomes_neither_too_deep_nor_too_long() {
        let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let before = Value::Json(json!({ "a": deep(90) }));
        for (new, fits) in [
            (deep(99), true),
            (deep(100), false),
            (json!("x".repeat(1_000_000)), true),
            (json!("x".repeat(1_050_000)), false),
        ] {
            let operation = operation("JSON_SET", json!({ "$.b": new })).unwrap();
            assert_eq!(fits, operation.apply("doc", &before).is_ok());
        }
    }

    #[test]
    fn of_nothing_comes_nothing() {
        let operation = operation("JSON_SET", json!({ "$.a": 1 })).unwrap();
        assert_eq!(Value::Null, operation.apply("doc", &Value::Null).unwrap());
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_column_and_path() {
        refused("JSON_MERGE", json!({ "$.a": 1 }), "JSON_SET");
        refused("JSON_SET", json!(["$.a"]), "'args'");
        refused("JSON_SET", json!({}), "from 1 to 100");
        refused("JSON_REMOVE", json!({ "$.a": 1 }), "list of paths");
        refused("JSON_REMOVE", json!(["$"]), "'$'");
        refused("JSON_SET", json!({ "$[*]": 1 }), "'$[*]'");
        refused("JSON_SET", json!({ "a": 1 }), "'a'");
        refused("JSON_ARRAY_INSERT", json!({ "$.a": 1 }), "position");
    }
}
