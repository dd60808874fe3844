use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value as Json};
use vestibule_model::{Group, GroupItems, GroupPage, GroupQuery, GroupStep, Value};

use crate::{BadRequest, RowBody, parse_query, query_keys::QueryKeys, value::JsonValue};

/// Reads a grouping as `POST /data/data-grouping/{table}` sends it (wire contract, section 9.6).
///
/// ```
/// use vestibule_wire::{parse_group_query, parse_object};
///
/// let body = parse_object(br#"{"groupBy": "a,b", "groupPath": [{"column": "a", "value": 1}]}"#)?;
/// let grouping = parse_group_query(&body)?;
/// assert_eq!((2, 1), (grouping.query.group_by.len(), grouping.path.len()));
/// # Ok::<(), vestibule_wire::BadRequest>(())
/// ```
///
/// # Errors
/// 8008 with the name of a key that holds a value of another type.
pub fn parse_group_query(body: &Map<String, Json>) -> Result<GroupQuery, BadRequest> {
    let keys = QueryKeys(body);
    let path = match keys.given("groupPath") {
        None => Vec::new(),
        Some(Json::Array(steps)) => steps
            .iter()
            .map(step)
            .collect::<Option<_>>()
            .ok_or_else(path_refusal)?,
        Some(_) => return Err(path_refusal()),
    };
    Ok(GroupQuery {
        query: parse_query(body)?,
        depth: keys.number("groupDepth")?,
        path,
        group_page_size: keys.number("groupPageSize")?,
        records_page_size: keys.number("recordsPageSize")?,
    })
}

fn step(step: &Json) -> Option<GroupStep> {
    let value = match step.get("value") {
        None | Some(Json::Array(_) | Json::Object(_)) => return None,
        Some(value) => Value::from_json(value.clone()),
    };
    let column = step.get("column")?.as_str()?.to_owned();
    Some(GroupStep { column, value })
}

fn path_refusal() -> BadRequest {
    BadRequest::invalid("'groupPath' must be a list of {\"column\": name, \"value\": value}")
}

/// A page of groups, or of the records of the last level, as clients see it.
#[derive(Clone, Copy, Debug)]
pub struct GroupPageBody<'a>(pub &'a GroupPage);

impl Serialize for GroupPageBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        page(&mut map, self.0)?;
        map.end()
    }
}

impl JsonSchema for GroupPageBody<'_> {
    fn schema_name() -> Cow<'static, str> {
        "GroupPageBody".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A page of groups, which are pages themselves; or of the records of the \
                            last level.",
            "type": "object",
            "properties": {
                "hasNextPage": {"type": "boolean"},
                "items": {"type": "array", "items": {"type": "object"}}
            },
            "required": ["hasNextPage", "items"],
            "additionalProperties": false
        })
    }
}

fn page<M: SerializeMap>(map: &mut M, page: &GroupPage) -> Result<(), M::Error> {
    map.serialize_entry("hasNextPage", &page.has_next_page)?;
    match &page.items {
        GroupItems::Groups(groups) => {
            let groups: Vec<_> = groups.iter().map(GroupBody).collect();
            map.serialize_entry("items", &groups)
        }
        GroupItems::Rows(rows) => {
            let rows: Vec<_> = rows.iter().map(RowBody).collect();
            map.serialize_entry("items", &rows)
        }
    }
}

struct GroupBody<'a>(&'a Group);

impl Serialize for GroupBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("groupBy", &StepBody(&self.0.step))?;
        page(&mut map, &self.0.page)?;
        map.end()
    }
}

struct StepBody<'a>(&'a GroupStep);

impl Serialize for StepBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("column", &self.0.column)?;
        map.serialize_entry("value", &JsonValue(&self.0.value))?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vestibule_model::{ObjectId, Record, Row};

    use super::*;
    use crate::parse_object;

    #[test]
    fn what_the_sdk_sends_is_read() {
        let body = json!({
            "groupBy": "a,b", "groupDepth": 2, "groupPageSize": 3, "recordsPageSize": "4",
            "groupPath": [{ "column": "a", "value": null }, { "column": "b", "value": 1.5 }],
            "pageSize": 10, "offset": 0, "distinct": false, "where": "c > 1", "props": "",
        });
        let grouping = parse_group_query(body.as_object().unwrap()).unwrap();
        let step = |column: &str, value| GroupStep {
            column: column.to_owned(),
            value,
        };
        assert_eq!(
            vec![step("a", Value::Null), step("b", Value::from(1.5))],
            grouping.path
        );
        let sizes = (grouping.group_page_size, grouping.records_page_size);
        assert_eq!((Some(2), (Some(3), Some(4))), (grouping.depth, sizes));
        assert_eq!(Some("c > 1"), grouping.query.where_clause.as_deref());
    }

    #[test]
    fn a_wrong_path_or_number_is_refused_by_name() {
        for (name, text) in [
            ("groupPath", r#"{"groupPath":"a"}"#),
            ("groupPath", r#"{"groupPath":[7]}"#),
            ("groupPath", r#"{"groupPath":[{"column":"a"}]}"#),
            ("groupPath", r#"{"groupPath":[{"column":1,"value":1}]}"#),
            ("groupPath", r#"{"groupPath":[{"column":"a","value":[]}]}"#),
            ("groupDepth", r#"{"groupDepth":"x"}"#),
            ("groupPageSize", r#"{"groupPageSize":[1]}"#),
            ("recordsPageSize", r#"{"recordsPageSize":1.5}"#),
            ("pageSize", r#"{"pageSize":{}}"#),
        ] {
            let body = parse_object(text.as_bytes()).unwrap();
            let refusal = parse_group_query(&body).unwrap_err();
            assert_eq!(8008, refusal.code.number(), "{text}");
            assert!(refusal.message.contains(name), "{refusal}");
        }
    }

    #[test]
    fn groups_hold_groups_or_records() {
        let record = Record::new("Order", ObjectId::parse("1").unwrap());
        let records = GroupPage {
            has_next_page: true,
            items: GroupItems::Rows(vec![Row::Record(record)]),
        };
        let groups = GroupPage {
            has_next_page: false,
            items: GroupItems::Groups(vec![Group {
                step: GroupStep {
                    column: "a".to_owned(),
                    value: Value::from(2.0),
                },
                page: records,
            }]),
        };
        let expected = json!({
            "hasNextPage": false,
            "items": [{
                "groupBy": { "column": "a", "value": 2 },
                "hasNextPage": true,
                "items": [{ "objectId": "1", "___class": "Order" }],
            }],
        });
        assert_eq!(
            expected,
            serde_json::to_value(GroupPageBody(&groups)).unwrap()
        );
    }
}
