use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeMap};
use vestibule_model::{Properties, Record, Related, Row, USERS, Value};

use crate::value::JsonValue;

/// The key under which every record says its table.
const CLASS: &str = "___class";

/// The key of a record's id.
const OBJECT_ID: &str = "objectId";

/// The one column that no answer ever holds, whoever asks for it.
const PASSWORD: &str = "password";

/// A record as clients see it: its table, its id, its columns, and the relations that were asked
/// for (wire contract, section 8.1).
///
/// ```
/// use vestibule_model::{ObjectId, Record, Value};
/// use vestibule_wire::RecordBody;
///
/// let mut order = Record::new("Order", ObjectId::parse("A").unwrap());
/// order.properties.insert("total".to_owned(), Value::from(7.0));
/// assert_eq!(
///     r#"{"objectId":"A","total":7,"___class":"Order"}"#,
///     serde_json::to_string(&RecordBody(&order))?
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Users are records like any others, but for their password, which is never written.
#[derive(Clone, Copy)]
pub struct RecordBody<'a>(pub &'a Record);

/// A row of a find as clients see it: a record, or what was computed from several.
#[derive(Clone, Copy)]
pub struct RowBody<'a>(pub &'a Row);

impl Serialize for RecordBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(OBJECT_ID, record.id().as_str())?;
        for (name, value) in readable(record.table(), &record.properties) {
            // An alias can have any name; none may hide an id or a relation.
            if name != OBJECT_ID && !record.related.contains_key(name) {
                map.serialize_entry(name, &JsonValue(value))?;
            }
        }
        for (name, related) in &record.related {
            map.serialize_entry(name, &RelatedBody(related))?;
        }
        map.serialize_entry(CLASS, record.table())?;
        map.end()
    }
}

impl Serialize for RowBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (table, values) = match self.0 {
            Row::Record(record) => return RecordBody(record).serialize(serializer),
            Row::Computed { table, values } => (table, values),
        };
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in readable(table, values) {
            map.serialize_entry(name, &JsonValue(value))?;
        }
        map.serialize_entry(CLASS, table)?;
        map.end()
    }
}

impl JsonSchema for RecordBody<'_> {
    fn schema_name() -> Cow<'static, str> {
        "RecordBody".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A record: its table, its id, its columns, and the relations that were \
                            asked for, as records or lists of them.",
            "type": "object",
            "properties": {"objectId": {"type": "string"}, "___class": {"type": "string"}},
            "required": ["objectId", "___class"]
        })
    }
}

impl JsonSchema for RowBody<'_> {
    fn schema_name() -> Cow<'static, str> {
        "RowBody".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A record, or what was computed from several, which has no id.",
            "type": "object",
            "properties": {"___class": {"type": "string"}},
            "required": ["___class"]
        })
    }
}

struct RelatedBody<'a>(&'a Related);

impl Serialize for RelatedBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Related::One(record) => record.as_deref().map(RecordBody).serialize(serializer),
            Related::Many(records) => serializer.collect_seq(records.iter().map(RecordBody)),
        }
    }
}

fn readable<'a>(
    table: &'a str,
    properties: &'a Properties,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    properties
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .filter(move |(name, _)| *name != CLASS && !(table == USERS && *name == PASSWORD))
}

impl std::fmt::Debug for RecordBody<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordBody")
            .field("table", &self.0.table())
            .field("id", self.0.id())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for RowBody<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Row::Record(record) => RecordBody(record).fmt(f),
            Row::Computed { table, .. } => f
                .debug_struct("RowBody")
                .field("table", table)
                .finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use vestibule_model::ObjectId;

    use super::*;

    fn record(table: &str, id: &str, values: &[(&str, Value)]) -> Record {
        let mut record = Record::new(table, ObjectId::parse(id).unwrap());
        let values = values.iter().cloned();
        record
            .properties
            .extend(values.map(|(name, value)| (name.to_owned(), value)));
        record
    }

    fn written(record: &Record) -> Json {
        serde_json::to_value(RecordBody(record)).unwrap()
    }

    #[test]
    fn a_record_has_its_class_its_id_and_its_columns() {
        let order = record(
            "Order",
            "1",
            &[
                ("created", Value::from(7)),
                ("updated", Value::Null),
                ("total", Value::from(1.5)),
                ("tags", Value::from_json(json!(["a", { "b": null }]))),
            ],
        );
        let expected = json!({
            "___class": "Order", "objectId": "1", "created": 7, "updated": null, "total": 1.5,
            "tags": ["a", { "b": null }],
        });
        assert_eq!(expected, written(&order));
    }

    #[test]
    fn relations_are_records_within_records() {
        let mut order = record("Order", "1", &[]);
        let mut item = record("Item", "2", &[("n", Value::from(1))]);
        item.related.insert("maker".to_owned(), Related::One(None));
        let ann = record("Users", "3", &[("password", Value::from("never"))]);
        let related = &mut order.related;
        related.insert("items".to_owned(), Related::Many(vec![item]));
        related.insert("customer".to_owned(), Related::One(Some(Box::new(ann))));
        related.insert("notes".to_owned(), Related::Many(Vec::new()));
        let expected = json!({
            "___class": "Order", "objectId": "1", "notes": [],
            "items": [{ "___class": "Item", "objectId": "2", "n": 1, "maker": null }],
            "customer": { "___class": "Users", "objectId": "3" },
        });
        assert_eq!(expected, written(&order));
    }

    #[test]
    fn a_computed_row_has_no_id_of_its_own() {
        let row = Row::Computed {
            table: "Users".to_owned(),
            values: [("average", Value::from(10.0)), ("password", Value::Null)]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
        };
        let expected = json!({ "___class": "Users", "average": 10 });
        assert_eq!(expected, serde_json::to_value(RowBody(&row)).unwrap());
    }

    #[test]
    fn no_alias_comes_twice_in_one_object() {
        let values = ["objectId", "___class", "cart"].map(|name| (name, Value::from("x")));
        let mut order = record("Order", "1", &values);
        order.related.insert("cart".to_owned(), Related::One(None));
        assert_eq!(
            r#"{"objectId":"1","cart":null,"___class":"Order"}"#,
            serde_json::to_string(&RecordBody(&order)).unwrap()
        );
    }
}
