//! Reads of the records of any table.

use std::sync::Arc;

use sea_query::{Asterisk, Expr, Func, Order, SelectStatement};
use vestibule_model::{Record, Row};
use vestibule_storage::{CountQuery, FindQuery, Operand, Output, Select, StorageError};

use crate::{
    OneRecord, Query, SqlCatalogue, Statement,
    conditions::Scope,
    decode::Cells,
    names::record,
    outputs::{Outputs, is_aggregate},
    shortlist::{self, names_rows},
    whole_record::WholeRecord,
};

/// A page of rows, by whatever way is right if the caller sees many of them.
///
/// # Errors
/// [`StorageError::UnknownTable`] and [`StorageError::UnknownColumn`] for what the catalogue does
/// not know or nobody may read, [`StorageError::WrongType`] for a column that is compared with a
/// value that it cannot hold.
pub fn find(catalogue: &SqlCatalogue, query: &FindQuery) -> Result<Query<Row>, StorageError> {
    let scope = Scope::of_table(catalogue, &query.table, &query.visibility)?;
    if let Some(one) = one(&scope, query) {
        return Ok(one);
    }
    let by_list = !shortlist::stops_early(&scope, query);
    page(&scope, query, by_list)
}

/// What [`find`] answers, by a way that is right if the caller [sees few](sees_few) rows.
///
/// # Errors
/// As [`find`].
pub fn find_among_few(
    catalogue: &SqlCatalogue,
    query: &FindQuery,
) -> Result<Query<Row>, StorageError> {
    let scope = Scope::of_table(catalogue, &query.table, &query.visibility)?;
    page(&scope, query, true)
}

/// Whether the caller sees so few rows that [`find_among_few`] is the way; nothing if it does not
/// matter. Both ways answer the same, so the answer to this may be out of date.
///
/// # Errors
/// As [`find`].
pub fn sees_few(
    catalogue: &SqlCatalogue,
    query: &FindQuery,
) -> Result<Option<Query<bool>>, StorageError> {
    shortlist::is_short(catalogue, query)
}

/// A whole record by its id, if that is all that is asked for.
fn one(scope: &Scope<'_>, query: &FindQuery) -> Option<Query<Row>> {
    let whole = scope.catalogue.whole_record(scope.table);
    let one = OneRecord::of(query, scope.table, &whole.one)?;
    Some(read_whole_records(one, &whole, scope))
}

fn page(scope: &Scope<'_>, query: &FindQuery, by_list: bool) -> Result<Query<Row>, StorageError> {
    let mut select = SelectStatement::new();
    let visible = if query.condition.as_ref().is_some_and(names_rows) {
        scope.at_hand().visible()?
    } else {
        scope.visible()?
    };
    select
        .from(scope.alias.clone())
        .and_where_option(visible)
        .limit(at_most_i64(query.limit))
        .offset(at_most_i64(query.offset));
    if by_list {
        select.and_where_option(shortlist::holds(scope, query.condition.as_ref())?);
    }
    if let Some(condition) = &query.condition {
        select.and_where(scope.condition(condition)?);
    }
    for operand in &query.group_by {
        select.add_group_by([scope.operand(operand)?]);
    }
    if let Some(having) = &query.having {
        select.and_having(scope.at_hand().condition(having)?);
    }
    for sort in &query.sort {
        let order = if sort.descending {
            Order::Desc
        } else {
            Order::Asc
        };
        scope.sort(&mut select, &sort.operand, order)?;
    }
    match &query.select {
        Select::WholeRecords => {
            sort_by_id(&mut select, scope, query);
            Ok(whole_records(select, scope))
        }
        Select::Records(outputs) => {
            sort_by_id(&mut select, scope, query);
            records(select, scope, outputs)
        }
        Select::Computed { outputs, distinct } => {
            computed(select, scope, outputs, *distinct, &query.group_by)
        }
    }
}

/// How many rows there are, or how many different ones.
///
/// # Errors
/// As [`find`].
pub fn count(catalogue: &SqlCatalogue, query: &CountQuery) -> Result<Query<u64>, StorageError> {
    let scope = Scope::of_table(catalogue, &query.table, &query.visibility)?;
    let mut rows = SelectStatement::new();
    rows.from(scope.alias.clone())
        .and_where_option(scope.visible()?)
        .and_where_option(shortlist::holds(&scope, query.condition.as_ref())?);
    if let Some(condition) = &query.condition {
        rows.and_where(scope.condition(condition)?);
    }
    let mut select = SelectStatement::new();
    if query.distinct.is_empty() {
        select = rows;
    } else {
        for (at, operand) in query.distinct.iter().enumerate() {
            rows.expr_as(scope.operand(operand)?, format!("value${at}"));
        }
        rows.distinct();
        select.from_subquery(rows, "different");
    }
    select.expr(Func::count(Expr::col(Asterisk)));
    let table = scope.table.name.clone();
    Ok(Query::new(select, move |row| {
        let mut cells = Cells::new(row, &table);
        let count = cells.integer("count")?;
        u64::try_from(count).map_err(|_| cells.corrupt("count"))
    }))
}

/// Records that are equal otherwise are sorted by their ids. To sort by them once more would make a
/// database sort what an index has sorted.
fn sort_by_id(select: &mut SelectStatement, scope: &Scope<'_>, query: &FindQuery) {
    let is_id =
        |operand: &Operand| matches!(operand, Operand::Column(name) if name == record::OBJECT_ID);
    if !query.sort.iter().any(|sort| is_id(&sort.operand)) {
        let id = (scope.alias.clone(), record::OBJECT_ID);
        select.order_by(id, Order::Desc);
    }
}

/// Records with all that may be read of them.
fn whole_records(mut select: SelectStatement, scope: &Scope<'_>) -> Query<Row> {
    let whole = scope.catalogue.whole_record(scope.table);
    select.exprs(whole.columns.iter().cloned());
    read_whole_records(select, &whole, scope)
}

fn read_whole_records(
    statement: impl Into<Statement>,
    whole: &WholeRecord,
    scope: &Scope<'_>,
) -> Query<Row> {
    let outputs = Arc::clone(&whole.outputs);
    let table = scope.table.name.clone();
    Query::new(statement, move |row| {
        let mut cells = Cells::new(row, &table);
        read_record(&mut cells, &table, &outputs).map(Row::Record)
    })
}

/// Records: their ids and these outputs.
fn records(
    mut select: SelectStatement,
    scope: &Scope<'_>,
    outputs: &[Output],
) -> Result<Query<Row>, StorageError> {
    select.column((scope.alias.clone(), record::OBJECT_ID));
    for output in outputs {
        select.expr(scope.output(&output.operand)?);
    }
    let table = scope.table.name.clone();
    let outputs = Outputs::of(outputs);
    Ok(Query::new(select, move |row| {
        let mut cells = Cells::new(row, &table);
        read_record(&mut cells, &table, &outputs).map(Row::Record)
    }))
}

/// Rows without an id, in an order that leaves nothing to chance: pages must fit together.
fn computed(
    mut select: SelectStatement,
    scope: &Scope<'_>,
    outputs: &[Output],
    distinct: bool,
    group_by: &[Operand],
) -> Result<Query<Row>, StorageError> {
    let mut values = Vec::with_capacity(outputs.len());
    for output in outputs {
        values.push(scope.operand(&output.operand)?);
    }
    let dialect = scope.catalogue.dialect();
    let ascending = |select: &mut SelectStatement, values: Vec<Expr>| {
        for value in values {
            dialect.sort(select, value, Order::Asc);
        }
    };
    select.exprs(values.clone());
    if distinct {
        select.distinct();
        ascending(&mut select, values);
    } else if !group_by.is_empty() {
        let groups = group_by.iter().map(|operand| scope.operand(operand));
        ascending(&mut select, groups.collect::<Result<_, _>>()?);
    } else if !outputs.iter().any(|output| is_aggregate(&output.operand)) {
        select.order_by((scope.alias.clone(), record::OBJECT_ID), Order::Desc);
    }
    let table = scope.table.name.clone();
    let outputs = Outputs::of(outputs);
    Ok(Query::new(select, move |row| {
        Ok(Row::Computed {
            values: outputs.read(&mut Cells::new(row, &table))?,
            table: table.clone(),
        })
    }))
}

/// The record whose id is the next cell and whose outputs come after it.
pub(crate) fn read_record(
    cells: &mut Cells<'_>,
    table: &str,
    outputs: &Outputs,
) -> Result<Record, StorageError> {
    let id = cells.object_id(record::OBJECT_ID)?;
    cells.of_row(id.as_str());
    let mut record = Record::new(table, id);
    record.properties = outputs.read(cells)?;
    Ok(record)
}

/// No database counts further than this, and no table has as many rows.
fn at_most_i64(number: u64) -> u64 {
    Ord::min(number, i64::MAX.unsigned_abs())
}
