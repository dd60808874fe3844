//! A small shop, and the words of queries about it.
//!
//! `Item` has a column of each type and is related to itself (`similar`); `Order` is related to its
//! items and to one customer.

use std::sync::Arc;

use vestibule_model::{Cardinality, Column, ColumnType, ObjectId, Relation, Row, USERS, Value};

use super::{Scratch, samples::*};
use crate::{
    Aggregate, Change, Comparison, Condition, FindQuery, Function, NewRecord, Operand, Output,
    Select, Sort, Storage, Visibility,
};

pub(super) const ITEM: &str = "Item";
pub(super) const ORDER: &str = "Order";

/// A shop without anything in it.
pub(super) async fn shop(scratch: &dyn Scratch) -> Arc<dyn Storage> {
    let storage = scratch.open().await;
    let mut changes = Vec::new();
    for name in [ITEM, ORDER] {
        changes.push(Change::CreateTable {
            name: name.to_owned(),
        });
    }
    for (name, column_type) in [
        ("name", ColumnType::String),
        ("note", ColumnType::Text),
        ("maker", ColumnType::StringId),
        ("stock", ColumnType::Int),
        ("price", ColumnType::Double),
        ("sold", ColumnType::Boolean),
        ("since", ColumnType::DateTime),
        ("tags", ColumnType::Json),
    ] {
        changes.push(Change::AddColumn {
            table: ITEM.to_owned(),
            column: Column::new(name, column_type),
        });
    }
    for (table, name, to_table, cardinality) in [
        (ITEM, "similar", ITEM, Cardinality::OneToMany),
        (ORDER, "items", ITEM, Cardinality::OneToMany),
        (ORDER, "customer", USERS, Cardinality::OneToOne),
    ] {
        changes.push(Change::AddRelation {
            table: table.to_owned(),
            relation: Relation {
                name: name.to_owned(),
                to_table: to_table.to_owned(),
                cardinality,
            },
        });
    }
    done(storage.apply(changes).await);
    storage
}

/// A shop with these items in it.
pub(super) async fn shop_with<const N: usize>(
    scratch: &dyn Scratch,
    items: [Change; N],
) -> Arc<dyn Storage> {
    let storage = shop(scratch).await;
    done(storage.apply(items.to_vec()).await);
    storage
}

/// An item that belongs to nobody.
pub(super) fn item<const N: usize>(name: &str, properties: [(&str, Value); N]) -> Change {
    Change::InsertRecord(NewRecord {
        table: ITEM.to_owned(),
        id: id(name),
        owner_id: None,
        at: at(0),
        properties: properties
            .map(|(column, value)| (column.to_owned(), value))
            .into(),
    })
}

/// An item of a name.
pub(super) fn named(item_id: &str, name: &str) -> Change {
    item(item_id, [("name", name.into())])
}

/// A record of this table that somebody owns, made in this second.
pub(super) fn record_of(table: &str, name: &str, owner: Option<&str>, second: i64) -> Change {
    Change::InsertRecord(NewRecord {
        table: table.to_owned(),
        id: id(name),
        owner_id: owner.map(id),
        at: at(second),
        properties: [].into(),
    })
}

pub(super) fn order(name: &str) -> Change {
    record_of(ORDER, name, None, 0)
}

/// Relates a record to others.
pub(super) fn link<const N: usize>(
    table: &str,
    relation: &str,
    parent: &str,
    children: [&str; N],
) -> Change {
    Change::Link {
        table: table.to_owned(),
        relation: relation.to_owned(),
        parent: id(parent),
        children: children.map(id).to_vec(),
        visibility: Visibility::Everything,
    }
}

pub(super) fn column(name: &str) -> Operand {
    Operand::Column(name.to_owned())
}

pub(super) fn value(value: impl Into<Value>) -> Operand {
    Operand::Value(value.into())
}

pub(super) fn function<const N: usize>(function: Function, arguments: [Operand; N]) -> Operand {
    Operand::Function(function, arguments.to_vec())
}

pub(super) fn aggregate(aggregate: Aggregate, of: &str) -> Operand {
    Operand::Aggregate(aggregate, Some(Box::new(column(of))))
}

pub(super) fn count_of_rows() -> Operand {
    Operand::Aggregate(Aggregate::Count, None)
}

pub(super) fn compare(left: Operand, comparison: Comparison, right: impl Into<Value>) -> Condition {
    Condition::Compare(left, comparison, value(right))
}

pub(super) fn equal(name: &str, to: impl Into<Value>) -> Condition {
    compare(column(name), Comparison::Equal, to)
}

pub(super) fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

/// Whatever a row is like.
pub(super) fn anything() -> Condition {
    Condition::All(Vec::new())
}

pub(super) fn related(relation: &str, condition: Condition) -> Condition {
    Condition::Related {
        relation: relation.to_owned(),
        condition: Box::new(condition),
    }
}

pub(super) fn referred(by_table: &str, relation: &str, condition: Condition) -> Condition {
    Condition::Referred {
        by_table: by_table.to_owned(),
        relation: relation.to_owned(),
        condition: Box::new(condition),
    }
}

pub(super) fn output(name: &str, operand: Operand, column_type: ColumnType) -> Output {
    Output {
        name: name.to_owned(),
        operand,
        column_type,
    }
}

pub(super) fn ascending(operand: Operand) -> Sort {
    Sort {
        operand,
        descending: false,
    }
}

pub(super) fn descending(operand: Operand) -> Sort {
    Sort {
        operand,
        descending: true,
    }
}

/// All records of a table, their ids only.
pub(super) fn all_of(table: &str) -> FindQuery {
    FindQuery {
        table: table.to_owned(),
        select: Select::Records(Vec::new()),
        condition: None,
        group_by: Vec::new(),
        having: None,
        sort: Vec::new(),
        offset: 0,
        limit: 100,
        visibility: Visibility::Everything,
    }
}

/// These values of all items.
pub(super) fn computed<const N: usize>(outputs: [Output; N]) -> FindQuery {
    FindQuery {
        select: Select::Computed {
            outputs: outputs.to_vec(),
            distinct: false,
        },
        ..all_of(ITEM)
    }
}

pub(super) async fn find(storage: &dyn Storage, query: &FindQuery) -> Vec<Row> {
    done(storage.find(query).await)
}

/// The ids of the records that a query finds, in its order.
pub(super) async fn ids(storage: &dyn Storage, query: &FindQuery) -> Vec<String> {
    let rows = find(storage, query).await;
    let ids = rows.iter().map(|row| row.record().unwrap().id());
    ids.map(ObjectId::to_string).collect()
}

/// The ids of the records of a table that are so, ascending.
pub(super) async fn those_of(
    storage: &dyn Storage,
    table: &str,
    condition: Condition,
) -> Vec<String> {
    let query = FindQuery {
        condition: Some(condition),
        sort: vec![ascending(column("objectId"))],
        ..all_of(table)
    };
    ids(storage, &query).await
}

/// The ids of the items that are so, ascending.
pub(super) async fn items(storage: &dyn Storage, condition: Condition) -> Vec<String> {
    those_of(storage, ITEM, condition).await
}

/// The values of computed rows, each row's in the order of their names.
pub(super) async fn values(storage: &dyn Storage, query: &FindQuery) -> Vec<Vec<Value>> {
    let rows = find(storage, query).await;
    let of_row = |row: Row| match row {
        Row::Computed { table, values } => {
            assert_eq!(query.table, table);
            values.into_values().collect()
        }
        Row::Record(record) => panic!("{record:?} has an id"),
    };
    rows.into_iter().map(of_row).collect()
}

/// What an operand is for the only item.
pub(super) async fn value_of(
    storage: &dyn Storage,
    operand: Operand,
    column_type: ColumnType,
) -> Value {
    let query = computed([output("value", operand, column_type)]);
    let mut rows = values(storage, &query).await;
    assert_eq!(1, rows.len());
    rows.remove(0).remove(0)
}
