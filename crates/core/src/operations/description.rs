//! Records and queries as JSON for observers and logs: secrets masked, and nothing of any length that
//! a find answers.

use serde_json::{Map, Value as Json, json};
use vestibule_model::{GroupItems, GroupPage, GroupQuery, Query, Record, Related};

use crate::event::describe_properties;

/// A record with its columns, and how many records each relation led to.
pub(crate) fn describe_record(record: &Record) -> Json {
    let related: Map<String, Json> = record
        .related
        .iter()
        .map(|(relation, related)| {
            let count = match related {
                Related::One(one) => usize::from(one.is_some()),
                Related::Many(many) => many.len(),
            };
            (relation.clone(), Json::from(count))
        })
        .collect();
    let mut json = json!({
        "objectId": record.id().as_str(),
        "properties": describe_properties(&record.properties),
    });
    if !related.is_empty() {
        json["related"] = Json::Object(related);
    }
    json
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
