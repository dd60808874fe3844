//! The related records of many records at once.

use std::collections::BTreeSet;

use sea_query::{
    Expr, ExprTrait, Func, IntoIden, JoinType, Order, SelectStatement, WindowStatement,
};
use vestibule_model::{ObjectId, Record};
use vestibule_storage::{RelatedQuery, StorageError};

use crate::{
    Query, SqlCatalogue,
    conditions::Scope,
    decode::Cells,
    finding::read_record,
    names::{self, link, record},
    outputs::Outputs,
};

/// How many parents one statement serves at most. Databases bound the values of a statement.
const PARENTS_AT_ONCE: usize = 1_024;

/// What the table of links is called in the statement.
const LINK: &str = "link$";

/// The number of a row among those of its parent; no column can be called so.
const PLACE: &str = "place$";

/// The parents in parts that one statement can serve, each parent once.
pub fn parts(parents: &[ObjectId]) -> Vec<Vec<ObjectId>> {
    let parents: BTreeSet<&ObjectId> = parents.iter().collect();
    let parents: Vec<ObjectId> = parents.into_iter().cloned().collect();
    parents.chunks(PARENTS_AT_ONCE).map(<[_]>::to_vec).collect()
}

/// A page of related records for each of these parents, one of the [`parts`] of those of the query.
/// Put together by [`assemble`].
///
/// # Errors
/// As [`find`](crate::finding::find).
pub fn of_parents(
    catalogue: &SqlCatalogue,
    query: &RelatedQuery,
    parents: &[ObjectId],
) -> Result<Query<(ObjectId, Record)>, StorageError> {
    let parent = Scope::of_table(catalogue, &query.table, &query.visibility)?;
    let (relation, to_table) = parent.relation(&query.relation)?;
    let scope = parent.inner(to_table);
    let links = names::link_table(&parent.table.name, &relation.name);
    let id = || (scope.alias.clone(), record::OBJECT_ID.into_iden());

    let mut numbered = SelectStatement::new();
    numbered
        .column((LINK, link::PARENT))
        .expr_as(Expr::col(id()), record::OBJECT_ID)
        .expr_window_as(Func::cust("ROW_NUMBER"), places(&scope, query)?, PLACE)
        .from_as(links, LINK)
        .join_as(
            JoinType::InnerJoin,
            to_table.name.clone(),
            scope.alias.clone(),
            Expr::col(id()).equals((LINK, link::CHILD)),
        )
        .and_where(Expr::col((LINK, link::PARENT)).is_in(padded(parents)))
        .and_where_option(scope.visible()?);
    if let Some(condition) = &query.condition {
        numbered.and_where(scope.condition(condition)?);
    }
    let mut select = SelectStatement::new();
    select.columns([link::PARENT, record::OBJECT_ID]);
    for (at, output) in query.outputs.iter().enumerate() {
        let alias = format!("value${at}");
        numbered.expr_as(scope.operand(&output.operand)?, alias.clone());
        select.column(alias);
    }
    let offset = at_most(query.offset);
    let last = at_most(query.offset.saturating_add(query.limit));
    select
        .from_subquery(numbered, "page")
        .and_where(Expr::col(PLACE).gt(offset))
        .and_where(Expr::col(PLACE).lte(last))
        .order_by(link::PARENT, Order::Asc)
        .order_by(PLACE, Order::Asc);

    let table = to_table.name.clone();
    let outputs = Outputs::of(&query.outputs);
    Ok(Query::new(select, move |row| {
        let mut cells = Cells::new(row, &table);
        let parent = cells.object_id(link::PARENT)?;
        Ok((parent, read_record(&mut cells, &table, &outputs)?))
    }))
}

/// Puts together what [`of_parents`] answered.
pub fn assemble(rows: Vec<(ObjectId, Record)>) -> Vec<(ObjectId, Vec<Record>)> {
    let mut related: Vec<(ObjectId, Vec<Record>)> = Vec::new();
    for (parent, record) in rows {
        match related.last_mut() {
            Some((last, records)) if *last == parent => records.push(record),
            _ => related.push((parent, vec![record])),
        }
    }
    related
}

/// The order of the related records of one parent.
fn places(scope: &Scope<'_>, query: &RelatedQuery) -> Result<WindowStatement, StorageError> {
    let column = |name: &'static str| (scope.alias.clone(), name.into_iden());
    let mut places = WindowStatement::partition_by((LINK, link::PARENT));
    for sort in &query.sort {
        let order = if sort.descending {
            Order::Desc
        } else {
            Order::Asc
        };
        scope.sort(&mut places, &sort.operand, order)?;
    }
    places
        .order_by(column(record::CREATED), Order::Desc)
        .order_by(column(record::OBJECT_ID), Order::Desc);
    Ok(places)
}

/// The parents, the last one repeated up to a power of two: a statement is compiled for a handful of
/// numbers of parents, not for each.
fn padded(parents: &[ObjectId]) -> impl Iterator<Item = &str> {
    let last = parents.last();
    let missing = parents.len().next_power_of_two() - parents.len();
    let repeated = last.into_iter().cycle().take(missing);
    parents.iter().chain(repeated).map(|parent| parent.as_str())
}

/// No parent has more children than this.
fn at_most(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
