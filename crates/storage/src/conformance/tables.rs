//! Tables, columns and records for the sentences about changes.

use vestibule_model::{Cardinality, Column, Record, Relation, Table, Value};

use super::{samples::*, shop::*};
use crate::{
    Assignment, Change, Condition, FindQuery, Operand, RecordUpdate, Select, Storage, StorageError,
    Visibility,
};

pub(super) fn create(name: &str) -> Change {
    Change::CreateTable {
        name: name.to_owned(),
    }
}

pub(super) fn drop_table(name: &str) -> Change {
    Change::DropTable {
        name: name.to_owned(),
    }
}

pub(super) fn add_column(table: &str, column: Column) -> Change {
    Change::AddColumn {
        table: table.to_owned(),
        column,
    }
}

pub(super) fn drop_column(table: &str, column: &str) -> Change {
    Change::DropColumn {
        table: table.to_owned(),
        column: column.to_owned(),
    }
}

pub(super) fn widen(table: &str, column: &str) -> Change {
    Change::WidenColumn {
        table: table.to_owned(),
        column: column.to_owned(),
    }
}

pub(super) fn to_many(name: &str, to_table: &str) -> Relation {
    Relation {
        name: name.to_owned(),
        to_table: to_table.to_owned(),
        cardinality: Cardinality::OneToMany,
    }
}

pub(super) fn add_relation(table: &str, relation: Relation) -> Change {
    Change::AddRelation {
        table: table.to_owned(),
        relation,
    }
}

/// A change of columns of an item, in this second.
pub(super) fn update_of_item<const N: usize>(
    name: &str,
    second: i64,
    assignments: [(&str, Assignment); N],
) -> RecordUpdate {
    RecordUpdate {
        table: ITEM.to_owned(),
        id: id(name),
        assignments: assignments
            .map(|(column, assignment)| (column.to_owned(), assignment))
            .to_vec(),
        at: at(second),
        visibility: Visibility::Everything,
    }
}

pub(super) fn to(value: impl Into<Value>) -> Assignment {
    Assignment::Value(value.into())
}

pub(super) fn to_result_of(operand: Operand) -> Assignment {
    Assignment::Expression(operand)
}

/// The table as the catalogue describes it.
pub(super) async fn described(storage: &dyn Storage, table: &str) -> Option<Table> {
    done(storage.catalogue().await).table(table).cloned()
}

/// A record with all its columns.
pub(super) async fn record(storage: &dyn Storage, table: &str, name: &str) -> Option<Record> {
    let described = described(storage, table).await.unwrap();
    let outputs = described
        .readable_columns()
        .filter(|of| of.name != "objectId")
        .map(|of| output(&of.name, column(&of.name), of.column_type));
    let query = FindQuery {
        select: Select::Records(outputs.collect()),
        condition: Some(equal("objectId", name)),
        ..all_of(table)
    };
    let rows = find(storage, &query).await;
    rows.first().and_then(|row| row.record().cloned())
}

/// What a column of an item holds.
pub(super) async fn cell(storage: &dyn Storage, name: &str, column: &str) -> Value {
    let item = record(storage, ITEM, name).await.unwrap();
    item.get(column).clone()
}

/// The records of a table, ascending.
pub(super) async fn everything_in(storage: &dyn Storage, table: &str) -> Vec<String> {
    those_of(storage, table, anything()).await
}

/// The children of a record by a relation, ascending.
pub(super) async fn children(
    storage: &dyn Storage,
    (table, relation): (&str, &str),
    parent: &str,
) -> Vec<String> {
    let catalogue = done(storage.catalogue().await);
    let relation = catalogue.table(table).unwrap().relation(relation).unwrap();
    let of_parent: Condition = referred(table, &relation.name, equal("objectId", parent));
    those_of(storage, &relation.to_table, of_parent).await
}

#[track_caller]
pub(super) fn assert_unknown_table<T>(expected: &str, result: Result<T, StorageError>) {
    match result {
        Err(StorageError::UnknownTable { table }) => assert_eq!(expected, table),
        Err(other) => panic!("{other}: {other:?}"),
        Ok(_) => panic!("{expected} was believed to be there"),
    }
}

#[track_caller]
pub(super) fn assert_unknown_column<T>(expected: (&str, &str), result: Result<T, StorageError>) {
    match result {
        Err(StorageError::UnknownColumn { table, column }) => {
            assert_eq!(expected, (&*table, &*column));
        }
        Err(other) => panic!("{other}: {other:?}"),
        Ok(_) => panic!("{expected:?} was believed to be there"),
    }
}

#[track_caller]
pub(super) fn assert_wrong_type<T>(expected: (&str, &str), result: Result<T, StorageError>) {
    match result {
        Err(StorageError::WrongType { table, column, .. }) => {
            assert_eq!(expected, (&*table, &*column));
        }
        Err(other) => panic!("{other}: {other:?}"),
        Ok(_) => panic!("{expected:?} was believed to hold it"),
    }
}
