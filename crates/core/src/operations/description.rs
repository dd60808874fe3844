//! Records and queries as JSON for observers and logs: secrets masked, and nothing of any length that
//! a find answers.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use vestibule_model::{GroupItems, GroupPage, GroupQuery, Query, Record, Related, User};

use crate::masking::describe_properties;

/// A record with its columns, and how many records each relation led to.
pub(crate) fn describe_record(record: &Record) -> impl Serialize {
    let count = |related: &Related| match related {
        Related::One(one) => usize::from(one.is_some()),
        Related::Many(many) => many.len(),
    };
    let related = record.related.iter();
    DescribedRecord {
        object_id: record.id().as_str(),
        properties: describe_properties(&record.properties),
        related: related
            .map(|(relation, related)| (relation.as_str(), count(related)))
            .collect(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DescribedRecord<'a, P> {
    object_id: &'a str,
    properties: P,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    related: BTreeMap<&'a str, usize>,
}

/// A user with its columns.
pub(crate) fn describe_user(user: &User) -> impl Serialize {
    DescribedUser {
        object_id: user.id().as_str(),
        properties: describe_properties(&user.properties),
        user_status: user.status.as_str(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DescribedUser<'a, P> {
    object_id: &'a str,
    properties: P,
    user_status: &'a str,
}

/// What a query says; what it leaves open is left out.
pub(crate) fn describe_query(query: &Query) -> Json {
    let lists = [
        ("properties", &query.properties),
        ("excludeProperties", &query.exclude_properties),
        ("sortBy", &query.sort_by),
        ("groupBy", &query.group_by),
        ("loadRelations", &query.load_relations),
    ];
    let texts = [("where", &query.where_clause), ("having", &query.having)];
    let numbers = [
        ("offset", query.offset),
        ("pageSize", query.page_size),
        ("relationsDepth", query.relations_depth),
        ("relationsPageSize", query.relations_page_size),
    ];
    let mut json = Map::new();
    for (name, list) in lists {
        if !list.is_empty() {
            json.insert(name.to_owned(), json!(list));
        }
    }
    for (name, text) in texts {
        if let Some(text) = text {
            json.insert(name.to_owned(), json!(text));
        }
    }
    for (name, number) in numbers {
        if let Some(number) = number {
            json.insert(name.to_owned(), json!(number));
        }
    }
    if query.distinct {
        json.insert("distinct".to_owned(), json!(true));
    }
    Json::Object(json)
}

/// What a grouping says; what it leaves open is left out.
pub(super) fn describe_group_query(grouping: &GroupQuery) -> Json {
    let mut json = json!({ "query": describe_query(&grouping.query) });
    let numbers = [
        ("groupDepth", grouping.depth),
        ("groupPageSize", grouping.group_page_size),
        ("recordsPageSize", grouping.records_page_size),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            json[name] = json!(number);
        }
    }
    if !grouping.path.is_empty() {
        json["groupPath"] = grouping
            .path
            .iter()
            .map(|step| json!({ "column": step.column, "value": step.value.to_json() }))
            .collect();
    }
    json
}

/// How many groups or records stand in a page.
pub(super) fn describe_group_page(page: &GroupPage) -> Json {
    let (kind, count) = match &page.items {
        GroupItems::Groups(groups) => ("groups", groups.len()),
        GroupItems::Rows(rows) => ("rows", rows.len()),
    };
    json!({ kind: count, "hasNextPage": page.has_next_page })
}
