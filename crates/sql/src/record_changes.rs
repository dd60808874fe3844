//! The statements that change records of any table.

use std::collections::BTreeSet;

use sea_query::{
    CaseStatement, DeleteStatement, Expr, ExprTrait, Func, IntoIden, SelectStatement,
    UpdateStatement,
};
use vestibule_model::{Column, ColumnType, ObjectId, Table, Timestamp, USERS};
use vestibule_storage::{Assignment, Condition, NewRecord, RecordUpdate, StorageError, Visibility};

use crate::{
    NewRow, SqlCatalogue,
    conditions::{Scope, find_table},
    names::record,
    typed, users,
};

/// How many ids a statement names at most: no database takes any number of bound values.
const IDS_PER_STATEMENT: usize = 1_000;

/// The columns that no change of a record names: they follow from the change.
const NOT_ASSIGNED: [&str; 3] = [record::OBJECT_ID, record::CREATED, record::UPDATED];

/// Makes a record.
pub(crate) fn insert(catalogue: &SqlCatalogue, new: &NewRecord) -> Result<NewRow, StorageError> {
    let table = table_of_records(catalogue, &new.table)?;
    let owner_id = new.owner_id.as_ref().map(ObjectId::as_str);
    let mut row = NewRow::of(table.name.clone())
        .with(record::OBJECT_ID, new.id.as_str())
        .with(record::OWNER_ID, owner_id)
        .with(record::CREATED, new.at.as_millis());
    for (name, value) in &new.properties {
        let column = assignable(table, name).filter(|column| column.name != record::OWNER_ID);
        let column = column.ok_or_else(|| unknown_column(table, name))?;
        let value = typed::bind(&table.name, column, value)?;
        row = row.with(column.name.clone(), value);
    }
    Ok(row)
}

/// Changes one record, if it may be seen.
pub(crate) fn update(
    catalogue: &SqlCatalogue,
    update: &RecordUpdate,
) -> Result<UpdateStatement, StorageError> {
    let scope = Scope::of_table(catalogue, &update.table, &update.visibility)?;
    let mut statement = assigning(&scope, update)?;
    statement
        .and_where(has_id(&scope, &update.id))
        .and_where_option(scope.visible()?);
    Ok(statement)
}

/// Changes those of some records that are as the condition says and may be seen.
pub(crate) fn update_several(
    catalogue: &SqlCatalogue,
    ids: &[ObjectId],
    condition: Option<&Condition>,
    update: &RecordUpdate,
) -> Result<Vec<UpdateStatement>, StorageError> {
    let scope = Scope::of_table(catalogue, &update.table, &update.visibility)?;
    let assigning = assigning(&scope, update)?;
    let condition = condition.map(|condition| scope.condition(condition));
    let condition = condition.transpose()?;
    let visible = scope.visible()?;
    let statements = in_portions(ids).into_iter().map(|ids| {
        let mut statement = assigning.clone();
        statement
            .and_where(has_one_of(&scope, &ids))
            .and_where_option(visible.clone())
            .and_where_option(condition.clone());
        statement
    });
    Ok(statements.collect())
}

/// Removes one record, if it may be seen. Its links go with it.
pub(crate) fn remove(
    catalogue: &SqlCatalogue,
    table: &str,
    id: &ObjectId,
    visibility: &Visibility,
) -> Result<DeleteStatement, StorageError> {
    let table = table_of_records(catalogue, table)?;
    let scope = Scope::of_table(catalogue, &table.name, visibility)?;
    let mut statement = DeleteStatement::new();
    statement
        .from_table(table.name.clone())
        .and_where(has_id(&scope, id))
        .and_where_option(scope.visible()?);
    Ok(statement)
}

/// Removes those of some records that are as the condition says and may be seen.
pub(crate) fn remove_several(
    catalogue: &SqlCatalogue,
    table: &str,
    ids: &[ObjectId],
    condition: Option<&Condition>,
    visibility: &Visibility,
) -> Result<Vec<DeleteStatement>, StorageError> {
    let table = table_of_records(catalogue, table)?;
    let scope = Scope::of_table(catalogue, &table.name, visibility)?;
    let condition = condition.map(|condition| scope.condition(condition));
    let condition = condition.transpose()?;
    let visible = scope.visible()?;
    let statements = in_portions(ids).into_iter().map(|ids| {
        let mut statement = DeleteStatement::new();
        statement
            .from_table(table.name.clone())
            .and_where(has_one_of(&scope, &ids))
            .and_where_option(visible.clone())
            .and_where_option(condition.clone());
        statement
    });
    Ok(statements.collect())
}

/// Finds a record if it may be seen, and on engines that lock rows keeps it as it is until the step
/// ends.
pub(crate) fn hold(
    catalogue: &SqlCatalogue,
    table: &str,
    id: &ObjectId,
    visibility: &Visibility,
) -> Result<SelectStatement, StorageError> {
    let scope = Scope::of_table(catalogue, table, visibility)?;
    let mut select = SelectStatement::new();
    select
        .column((scope.alias.clone(), record::OBJECT_ID))
        .from(scope.table.name.clone())
        .and_where(has_id(&scope, id))
        .and_where_option(scope.visible()?)
        .lock_exclusive();
    Ok(select)
}

/// Finds a record that was last changed at this moment, as [`hold`] does.
pub(crate) fn hold_unchanged(
    catalogue: &SqlCatalogue,
    table: &str,
    id: &ObjectId,
    updated: Option<Timestamp>,
) -> Result<SelectStatement, StorageError> {
    let mut select = hold(catalogue, table, id, &Visibility::Everything)?;
    let stored = Expr::col((table.to_owned().into_iden(), record::UPDATED));
    select.and_where(match updated {
        Some(updated) => stored.eq(updated.as_millis()),
        None => stored.is_null(),
    });
    Ok(select)
}

/// Finds a record that is as the condition says, as [`hold`] does.
pub(crate) fn hold_as(
    catalogue: &SqlCatalogue,
    table: &str,
    id: &ObjectId,
    condition: &Condition,
) -> Result<SelectStatement, StorageError> {
    let mut select = hold(catalogue, table, id, &Visibility::Everything)?;
    let scope = Scope::of_table(catalogue, table, &Visibility::Everything)?;
    select.and_where(scope.condition(condition)?);
    Ok(select)
}

/// What the column `updated` becomes: this moment, or one millisecond more than it has.
pub(crate) fn updated(table: impl IntoIden, at: Timestamp) -> Expr {
    let table = table.into_iden();
    let stored = || Expr::col((table.clone(), record::UPDATED));
    CaseStatement::new()
        .case(stored().gte(at.as_millis()), stored().add(1_i64))
        .finally(at.as_millis())
        .into()
}

/// That a row has one of these ids.
pub(crate) fn has_one_of(scope: &Scope<'_>, ids: &[ObjectId]) -> Expr {
    Expr::col((scope.alias.clone(), record::OBJECT_ID)).is_in(ids.iter().map(ObjectId::as_str))
}

/// The ids in portions that fit in a statement, each id once: no row is changed twice.
pub(crate) fn in_portions(ids: &[ObjectId]) -> Vec<Vec<ObjectId>> {
    let ids: BTreeSet<_> = ids.iter().collect();
    let ids: Vec<_> = ids.into_iter().cloned().collect();
    ids.chunks(IDS_PER_STATEMENT)
        .map(<[ObjectId]>::to_vec)
        .collect()
}

fn has_id(scope: &Scope<'_>, id: &ObjectId) -> Expr {
    Expr::col((scope.alias.clone(), record::OBJECT_ID)).eq(id.as_str())
}

/// An update of all rows.
fn assigning(scope: &Scope<'_>, update: &RecordUpdate) -> Result<UpdateStatement, StorageError> {
    let table = scope.table;
    let mut statement = UpdateStatement::new();
    statement.table(table.name.clone());
    for (name, assignment) in &update.assignments {
        let column = assignable(table, name).ok_or_else(|| unknown_column(table, name))?;
        let value = match assignment {
            Assignment::Value(value) => typed::bind(&table.name, column, value)?.into(),
            Assignment::Expression(operand) => {
                let value = made_to_fit(scope, column, scope.operand(operand)?)?;
                if column.required {
                    Func::coalesce([value, scope.cell(column)]).into()
                } else {
                    value
                }
            }
        };
        statement.value(column.name.clone(), value);
    }
    statement.value(record::UPDATED, updated(table.name.clone(), update.at));
    Ok(statement)
}

/// A calculated value as the column holds it, so that no row becomes one that cannot be read.
fn made_to_fit(scope: &Scope<'_>, column: &Column, value: Expr) -> Result<Expr, StorageError> {
    let dialect = scope.catalogue.dialect();
    match column.column_type {
        ColumnType::Int | ColumnType::DateTime => Ok(dialect.whole_number(value)),
        ColumnType::Double => Ok(dialect.finite_number(value)),
        ColumnType::String | ColumnType::Text | ColumnType::StringId => Ok(dialect.text(value)),
        ColumnType::Boolean => Ok(dialect.yes_or_no(value)),
        ColumnType::Json => Err(StorageError::WrongType {
            table: scope.table.name.clone(),
            column: column.name.clone(),
            column_type: ColumnType::Json,
        }),
    }
}

/// The column of that name, if a change of a record may name it.
fn assignable<'t>(table: &'t Table, name: &str) -> Option<&'t Column> {
    // Of a user, the rest has changes of its own.
    let is_taken = NOT_ASSIGNED.contains(&name)
        || table.name == USERS && name != record::OWNER_ID && users::NOT_PROPERTIES.contains(&name);
    if is_taken { None } else { table.column(name) }
}

/// The table of that name, unless its rows have changes of their own.
pub(crate) fn table_of_records<'c>(
    catalogue: &'c SqlCatalogue,
    name: &str,
) -> Result<&'c Table, StorageError> {
    let table = find_table(catalogue, name)?;
    if table.name == USERS {
        return Err(StorageError::UnknownTable {
            table: name.to_owned(),
        });
    }
    Ok(table)
}

fn unknown_column(table: &Table, column: &str) -> StorageError {
    StorageError::UnknownColumn {
        table: table.name.clone(),
        column: column.to_owned(),
    }
}
