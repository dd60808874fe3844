//! The rows of the catalogue that a change of the schema writes.

use sea_query::{
    DeleteStatement, Expr, ExprTrait, Func, InsertStatement, SelectStatement, Value as Sql,
};
use vestibule_model::{Column, Relation, Table};

use crate::{
    names::{column, relation, table},
    statement::{insert_into, insert_selected},
};

/// Describes a table.
pub(crate) fn table(new: &Table) -> InsertStatement {
    insert_into(
        table::TABLE,
        [
            (table::NAME.into(), new.name.as_str().into()),
            (table::SYSTEM.into(), flag(new.system)),
        ],
    )
}

/// Describes a column, behind those that the table has.
pub(crate) fn column(table: &str, new: &Column) -> InsertStatement {
    let default = new.default.as_ref().filter(|default| !default.is_null());
    insert_selected(
        column::TABLE,
        [
            (column::TABLE_NAME, table.into()),
            (column::POSITION, next(column::TABLE, column::POSITION)),
            (column::NAME, new.name.as_str().into()),
            (column::TYPE, new.column_type.as_str().into()),
            (column::SIZE, new.size.map(i64::from).into()),
            (column::REQUIRED, flag(new.required)),
            (column::UNIQUE, flag(new.unique)),
            (column::INDEXED, flag(new.indexed)),
            (column::SYSTEM, flag(new.system)),
            (column::IDENTITY, flag(new.identity)),
            (
                column::DEFAULT,
                Expr::val(Sql::from(default.map(vestibule_model::Value::to_json))),
            ),
            (column::VALIDATOR, new.validator.as_deref().into()),
        ],
        rows_of(column::TABLE, column::TABLE_NAME, table),
    )
}

/// Describes a relation, behind those that the table has.
pub(crate) fn relation(table: &str, new: &Relation) -> InsertStatement {
    insert_selected(
        relation::TABLE,
        [
            (relation::TABLE_NAME, table.into()),
            (
                relation::POSITION,
                next(relation::TABLE, relation::POSITION),
            ),
            (relation::NAME, new.name.as_str().into()),
            (relation::TO_TABLE, new.to_table.as_str().into()),
            (relation::CARDINALITY, new.cardinality.as_str().into()),
        ],
        rows_of(relation::TABLE, relation::TABLE_NAME, table),
    )
}

/// Forgets a column.
pub(crate) fn forget_column(table: &str, name: &str) -> DeleteStatement {
    forget(
        column::TABLE,
        (column::TABLE_NAME, table),
        (column::NAME, name),
    )
}

/// Forgets a relation.
pub(crate) fn forget_relation(table: &str, name: &str) -> DeleteStatement {
    forget(
        relation::TABLE,
        (relation::TABLE_NAME, table),
        (relation::NAME, name),
    )
}

/// Forgets a table and all that is described of it.
pub(crate) fn forget_table(name: &str) -> [DeleteStatement; 3] {
    [
        (relation::TABLE, relation::TABLE_NAME),
        (column::TABLE, column::TABLE_NAME),
        (table::TABLE, table::NAME),
    ]
    .map(|(rows, key)| {
        let mut delete = DeleteStatement::new();
        delete
            .from_table(rows)
            .and_where(Expr::col((rows, key)).eq(name));
        delete
    })
}

/// What is described of a table; a select of aggregates answers one row of it.
fn rows_of(rows: &'static str, of_table: &'static str, table: &str) -> SelectStatement {
    let mut select = SelectStatement::new();
    select
        .from(rows)
        .and_where(Expr::col((rows, of_table)).eq(table));
    select
}

/// The place behind all that there are.
fn next(rows: &'static str, position: &'static str) -> Expr {
    let last = Func::max(Expr::col((rows, position)));
    Expr::from(Func::coalesce([last.into(), Expr::val(0_i64)])).add(1_i64)
}

fn forget(
    rows: &'static str,
    (of_table, table): (&'static str, &str),
    (called, name): (&'static str, &str),
) -> DeleteStatement {
    let mut delete = DeleteStatement::new();
    delete
        .from_table(rows)
        .and_where(Expr::col((rows, of_table)).eq(table))
        .and_where(Expr::col((rows, called)).eq(name));
    delete
}

fn flag(flag: bool) -> Expr {
    Expr::val(flag)
}
