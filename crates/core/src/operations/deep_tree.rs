//! What a deep save is sent, taken apart: the records, and which of them refer to which.

use serde_json::{Map, Value as Json};
use vestibule_model::{
    Cardinality, Catalogue, ErrorCode, ObjectId, Properties, Relation, Table, USERS, Value,
};

use super::{
    record_properties::{id_of, is_servers_own},
    user_properties,
};
use crate::{Error, Result};

/// Records within records.
const DEPTH_AT_MOST: usize = 5;

/// Records in one deep save, those included that are only referred to.
const RECORDS_AT_MOST: usize = 100;

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
    /// The record that refers to it, by its place in the tree.
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
    /// Whether the record is referred to, and neither made nor changed.
    pub(super) fn is_only_linked(&self) -> bool {
        self.id.is_some() && self.properties.is_empty()
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
    };
    tree.add(table, properties, None, 1)?;
    Ok(tree.nodes)
}

struct Tree<'a> {
    catalogue: &'a Catalogue,
    is_server_code: bool,
    nodes: Vec<Node>,
}

impl Tree<'_> {
    fn add(
        &mut self,
        table: &str,
        mut properties: Properties,
        parent: Option<usize>,
        depth: usize,
    ) -> Result<usize> {
        if depth > DEPTH_AT_MOST || self.nodes.len() >= RECORDS_AT_MOST {
            return Err(Error::invalid(format!(
                "a deep save has at most {RECORDS_AT_MOST} records, at most {DEPTH_AT_MOST} deep; \
                 save the rest on its own"
            )));
        }
        if properties.contains_key("__originSubID") {
            return Err(Error::invalid(
                "a record that comes twice must be sent with its objectId; '__originSubID' is not \
                 supported",
            ));
        }
        let catalogue = self.catalogue;
        let table = catalogue.table(table).ok_or_else(|| missing_table(table))?;
        let id = id_of(&properties.remove("objectId").unwrap_or_default())?;
        self.drop_servers_own(table, &mut properties);
        let place = self.nodes.len();
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
                    let child = Value::properties_from_json(child);
                    children.push(self.add(&relation.to_table, child, Some(place), depth + 1)?);
                }
                let relation = name;
                self.nodes[place]
                    .relations
                    .push(Mention { relation, children });
            } else if is_column(table, &name) {
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

fn missing_table(name: &str) -> Error {
    let message = format!(
        "table '{}' does not exist: tables and columns must exist before a deep save",
        name.escape_debug()
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
        name.escape_debug(),
        table.name
    );
    Error::new(code, message)
}
