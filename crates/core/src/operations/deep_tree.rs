//! What a deep save is sent, taken apart: the records, and which of them refer to which.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use vestibule_model::{
    Cardinality, Catalogue, ErrorCode, ObjectId, Properties, Relation, Table, USERS, Value,
};

use super::{
    record_properties::{id_of, is_servers_own},
    user_properties,
};
use crate::{Error, Result, schema};

/// Records within records.
const DEPTH_AT_MOST: usize = 5;

/// Records in one deep save, those included that are only referred to.
const RECORDS_AT_MOST: usize = 100;

/// The mark of an object: objects with the same one are one record.
const MARK: &str = "__subID";

/// The only key of an object that stands for one around it.
const REFERENCE: &str = "__originSubID";

/// One record of a deep save.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) table: String,
    /// The record's id; a record without one is to be made.
    pub(super) id: Option<ObjectId>,
    /// The columns that were sent, without what belongs to the server.
    pub(super) properties: Properties,
    /// The relations that were sent.
    pub(super) relations: Vec<Mention>,
    /// The first record that refers to it, by its place in the tree.
    pub(super) parent: Option<usize>,
}

/// A relation that was sent: it is to lead to these records and to no others.
#[derive(Debug)]
pub(super) struct Mention {
    pub(super) relation: String,
    /// By their places in the tree.
    pub(super) children: Vec<usize>,
}

impl Node {
    /// Whether the record is referred to, and neither made nor changed. What it refers to itself is a
    /// part of it: who changes that passes the handlers of an update.
    pub(super) fn is_only_linked(&self) -> bool {
        self.id.is_some() && self.properties.is_empty() && self.relations.is_empty()
    }
}

/// The records of a deep save, each after the one that refers to it; the first is the one that was
/// asked to be saved.
///
/// # Errors
/// 1125, 1126 and 1127 for a table, a column and a relation that do not exist: none is made here.
/// 1128 for several records where one belongs, 8008 for what is no record, and for too many and too
/// deep ones.
pub(super) fn take_apart(
    catalogue: &Catalogue,
    table: &str,
    properties: Properties,
    is_server_code: bool,
) -> Result<Vec<Node>> {
    let mut tree = Tree {
        catalogue,
        is_server_code,
        nodes: Vec::new(),
        marked: BTreeMap::new(),
        mentioned: 0,
    };
    tree.add(table, properties, None, 1)?;
    Ok(tree.nodes)
}

struct Tree<'a> {
    catalogue: &'a Catalogue,
    is_server_code: bool,
    nodes: Vec<Node>,
    /// The places of the objects that have a mark.
    marked: BTreeMap<String, usize>,
    /// How often a record was mentioned.
    mentioned: usize,
}

impl Tree<'_> {
    /// Adds the record that a relation was sent with, unless it has a place already.
    fn add_child(
        &mut self,
        relation: &Relation,
        child: Map<String, Json>,
        parent: usize,
        depth: usize,
    ) -> Result<usize> {
        self.mentioned += 1;
        if self.mentioned > RECORDS_AT_MOST {
            return Err(too_many());
        }
        let text = |key| child.get(key).and_then(Json::as_str);
        let reference = text(REFERENCE);
        let known = reference
            .or(text(MARK))
            .and_then(|mark| self.marked.get(mark));
        let Some(place) = known.copied() else {
            if reference.is_some() {
                let message = format!("a '{REFERENCE}' in a deep save names no object around it");
                return Err(Error::invalid(message));
            }
            let child = Value::properties_from_json(child);
            return self.add(&relation.to_table, child, Some(parent), depth);
        };
        if self.nodes[place].table != relation.to_table {
            return Err(Error::invalid(format!(
                "one object of a deep save stands for a record of '{}' and for one of '{}'",
                self.nodes[place].table, relation.to_table
            )));
        }
        Ok(place)
    }

    fn add(
        &mut self,
        table: &str,
        mut properties: Properties,
        parent: Option<usize>,
        depth: usize,
    ) -> Result<usize> {
        if depth > DEPTH_AT_MOST || self.nodes.len() >= RECORDS_AT_MOST {
            return Err(too_many());
        }
        let catalogue = self.catalogue;
        let table = catalogue.table(table).ok_or_else(|| missing_table(table))?;
        let mark = properties.remove(MARK);
        let id = id_of(&properties.remove("objectId").unwrap_or_default())?;
        self.drop_servers_own(table, &mut properties);
        let place = self.nodes.len();
        if let Some(Value::Text(mark)) = mark {
            self.marked.insert(mark, place);
        }
        self.nodes.push(Node {
            table: table.name.clone(),
            id,
            properties: Properties::new(),
            relations: Vec::new(),
            parent,
        });
        for (name, value) in properties {
            if let Some(relation) = table.relation(&name) {
                let mut children = Vec::new();
                for child in children_in(table, relation, value)? {
                    children.push(self.add_child(relation, child, place, depth + 1)?);
                }
                let relation = name;
                self.nodes[place]
                    .relations
                    .push(Mention { relation, children });
            } else if is_column(table, &name) {
                let value = without_marks(value)?;
                self.nodes[place].properties.insert(name, value);
            } else {
                return Err(missing_column(table, &name, &value));
            }
        }
        Ok(place)
    }

    fn drop_servers_own(&self, table: &Table, properties: &mut Properties) {
        if table.name == USERS {
            user_properties::drop_servers_own(properties);
        }
        let may_own = self.is_server_code;
        properties.retain(|name, _| !is_servers_own(name) && (may_own || name != "ownerId"));
    }
}

/// Whether a property is a column; the password of a user is one here.
fn is_column(table: &Table, name: &str) -> bool {
    table.column(name).is_some()
}

/// The records that a relation is sent with.
fn children_in(table: &Table, relation: &Relation, value: Value) -> Result<Vec<Map<String, Json>>> {
    let name = &relation.name;
    let wrong = || {
        Error::invalid(format!(
            "the relation '{name}' of table '{}' takes a record, a list of records or null",
            table.name
        ))
    };
    let children = match value {
        Value::Null => Vec::new(),
        Value::Json(Json::Object(child)) => vec![child],
        Value::Json(Json::Array(items)) => {
            let children = items.into_iter().map(|item| match item {
                Json::Object(child) => Some(child),
                _ => None,
            });
            children.collect::<Option<_>>().ok_or_else(wrong)?
        }
        _ => return Err(wrong()),
    };
    if relation.cardinality == Cardinality::OneToOne && children.len() > 1 {
        let message = format!("the relation '{name}' leads to one record at most");
        return Err(Error::new(ErrorCode::RelationOccupied, message));
    }
    Ok(children)
}

/// A value without the marks of the objects in it: in a column they mean nothing.
fn without_marks(value: Value) -> Result<Value> {
    fn take_away(json: &mut Json) -> Result<()> {
        match json {
            Json::Object(object) if object.contains_key(REFERENCE) => Err(Error::invalid(
                "an object in a column holds itself, which no column can keep",
            )),
            Json::Object(object) => {
                object.remove(MARK);
                object.values_mut().try_for_each(take_away)
            }
            Json::Array(list) => list.iter_mut().try_for_each(take_away),
            _ => Ok(()),
        }
    }
    let Value::Json(mut json) = value else {
        return Ok(value);
    };
    take_away(&mut json)?;
    Ok(Value::Json(json))
}

fn too_many() -> Error {
    Error::invalid(format!(
        "a deep save has at most {RECORDS_AT_MOST} records, at most {DEPTH_AT_MOST} deep; save the \
         rest on its own"
    ))
}

fn missing_table(name: &str) -> Error {
    let message = format!(
        "table '{}' does not exist: tables and columns must exist before a deep save",
        schema::shown(name)
    );
    Error::new(ErrorCode::TableMissing, message)
}

fn missing_column(table: &Table, name: &str, value: &Value) -> Error {
    let (what, code) = match value {
        Value::Json(_) => ("column or relation", ErrorCode::RelationMissing),
        _ => ("column", ErrorCode::ColumnMissing),
    };
    let message = format!(
        "{what} '{}' does not exist in table '{}': tables and columns must exist before a deep save",
        schema::shown(name),
        table.name
    );
    Error::new(code, message)
}
