//! Whole queries, checked.

use vestibule_model::{Catalogue, Column, ErrorCode, ObjectId, Query, Table};
use vestibule_storage::{
    Condition, CountQuery, FindQuery, Operand, Output, RelatedQuery, Select, Sort, Visibility,
};

use super::{
    fault::{Fault, Purpose, shown},
    grouping::{check_grouped, check_having, has_aggregate},
    items::parse_items,
    page::{offset, page_size},
    parser::{parse_clause, parse_term},
    projection::{Projection, outputs_of_record},
    scope::Scope,
    typing::of_type,
};
use crate::{Error, Result};

/// The table of that name.
///
/// # Errors
/// 1009, in the words that clients know (wire contract, section 3.3: one text within the other).
pub(crate) fn table<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a Table> {
    catalogue.table(name).ok_or_else(|| {
        let inner = format!("Table not found by name '{}'", shown(name));
        let message = format!(
            "Table not found by name '{inner}. Make sure the client class referenced in the API \
             call has the same literal name as the table in Backendless console'"
        );
        Error::new(ErrorCode::TableNotFound, message)
    })
}

/// The rows that a where-clause is about; none if it is blank, which is all of them.
///
/// # Errors
/// 1009, 1006 for what does not exist; 1017 for every other mistake.
pub(crate) fn condition(
    catalogue: &Catalogue,
    table: &str,
    text: &str,
) -> Result<Option<Condition>> {
    let table = self::table(catalogue, table)?;
    clause(&Scope::of(catalogue, table, Purpose::Where), Some(text))
}

/// What a column becomes by a calculation with the record as it was.
///
/// # Errors
/// 1009, 1006 for what does not exist; 8008 for every other mistake.
pub(crate) fn expression(
    catalogue: &Catalogue,
    table: &str,
    column: &Column,
    text: &str,
) -> Result<Operand> {
    let purpose = Purpose::Expression;
    let scope = Scope::of(catalogue, self::table(catalogue, table)?, purpose);
    purpose.check_length(text)?;
    let term = parse_term(text).map_err(|fault| purpose.error(fault))?;
    scope.check_own(&term)?;
    let wanted = format!(
        "a value for column '{}' ({})",
        column.name,
        column.column_type.as_str()
    );
    of_type(scope.value(&term)?, column.column_type, &term, &wanted)
        .map_err(|fault| purpose.error(fault))
}

/// A page of rows.
///
/// # Errors
/// 1009, 1006 for what does not exist; 1004, 1005, 1025 for the page; 1017 and 19001 for the
/// clauses; 8008 for the lists.
pub(crate) fn find(
    catalogue: &Catalogue,
    table: &str,
    query: &Query,
    visibility: Visibility,
) -> Result<FindQuery> {
    let table = self::table(catalogue, table)?;
    let (limit, offset) = (page_size(query.page_size)?, offset(query.offset)?);
    let scope = Scope::of(catalogue, table, Purpose::Where);
    let condition = clause(&scope, query.where_clause.as_deref())?;
    let projection = Projection::of(catalogue, table, query)?;
    let having = having(catalogue, table, query, &projection)?;
    let sort = sort(catalogue, table, query, &projection)?;
    Ok(FindQuery {
        table: table.name.clone(),
        condition,
        group_by: projection.group_by.clone(),
        having,
        sort,
        offset,
        limit,
        visibility,
        select: projection.select()?,
    })
}

/// How many rows a find would answer if its page were large enough; but aggregates that are asked
/// for do not matter, so that it is always rows or groups that are counted.
///
/// # Errors
/// As [`find`]; pages and orders do not matter.
pub(crate) fn count(
    catalogue: &Catalogue,
    table: &str,
    query: &Query,
    visibility: Visibility,
) -> Result<CountQuery> {
    let table = self::table(catalogue, table)?;
    if query.having.as_deref().is_some_and(is_given) {
        let why = "groups are counted without one".to_owned();
        return Err(Purpose::Having.error(why));
    }
    let scope = Scope::of(catalogue, table, Purpose::Where);
    let condition = clause(&scope, query.where_clause.as_deref())?;
    let projection = Projection::of(catalogue, table, query)?;
    let aggregates = projection
        .outputs
        .iter()
        .any(|output| has_aggregate(&output.operand));
    let distinct = if projection.distinct && !aggregates {
        // What is answered of a group is the same in all of its rows, so the rows will do.
        projection
            .outputs
            .into_iter()
            .map(|output| output.operand)
            .collect()
    } else {
        projection.group_by
    };
    Ok(CountQuery {
        table: table.name.clone(),
        condition,
        distinct,
        visibility,
    })
}

/// A page of related records for each of these parents.
///
/// # Errors
/// 1127 if the table has no such relation; else as [`find`], about the related table.
pub(crate) fn related(
    catalogue: &Catalogue,
    table: &str,
    relation: &str,
    parents: Vec<ObjectId>,
    query: &Query,
    visibility: Visibility,
) -> Result<RelatedQuery> {
    let parent = self::table(catalogue, table)?;
    let Some(found) = parent.relation(relation) else {
        let message = format!(
            "Table '{}' has no relation '{}' to another table",
            parent.name,
            shown(relation)
        );
        return Err(Error::new(ErrorCode::RelationMissing, message));
    };
    // Related records are all different.
    let query = Query {
        distinct: false,
        ..query.clone()
    };
    let page = find(catalogue, &found.to_table, &query, visibility)?;
    let outputs = match page.select {
        Select::WholeRecords => outputs_of_record(self::table(catalogue, &found.to_table)?),
        Select::Records(outputs) => outputs,
        Select::Computed { .. } => {
            let message = "related records cannot be grouped; find them in their own table";
            return Err(Error::invalid(message));
        }
    };
    Ok(RelatedQuery {
        table: parent.name.clone(),
        relation: found.name.clone(),
        parents,
        outputs,
        condition: page.condition,
        sort: page.sort,
        offset: page.offset,
        limit: page.limit,
        visibility: page.visibility,
    })
}

fn is_given(text: &str) -> bool {
    !text.trim().is_empty()
}

fn clause(scope: &Scope<'_>, text: Option<&str>) -> Result<Option<Condition>> {
    let Some(text) = text else { return Ok(None) };
    scope.purpose.check_length(text)?;
    let clause = parse_clause(text).map_err(|fault: Fault| scope.purpose.error(fault))?;
    clause.map(|clause| scope.condition(&clause)).transpose()
}

fn having(
    catalogue: &Catalogue,
    table: &Table,
    query: &Query,
    projection: &Projection,
) -> Result<Option<Condition>> {
    let scope = Scope {
        aliases: &projection.outputs,
        aggregates: true,
        ..Scope::of(catalogue, table, Purpose::Having)
    };
    let having = clause(&scope, query.having.as_deref())?;
    if let Some(condition) = &having {
        if !projection.grouped {
            let why = "there are no groups; use 'groupBy', or a where clause".to_owned();
            return Err(Purpose::Having.error(why));
        }
        check_having(condition, &projection.group_by)?;
    }
    Ok(having)
}

/// In which order. An alias comes before a column of the same name, as in SQL.
fn sort(
    catalogue: &Catalogue,
    table: &Table,
    query: &Query,
    projection: &Projection,
) -> Result<Vec<Sort>> {
    let scope = Scope {
        aliases: &projection.outputs,
        aggregates: projection.grouped,
        ..Scope::of(catalogue, table, Purpose::SortBy)
    };
    let mut sort = Vec::new();
    for item in parse_items(&query.sort_by, Purpose::SortBy)? {
        let Some(term) = &item.term else { continue };
        let (operand, _) = scope.own(term)?;
        if projection.grouped {
            check_grouped(&operand, &projection.group_by, Purpose::SortBy)?;
        }
        let answered = |output: &Output| output.operand == operand;
        if projection.distinct && !projection.outputs.iter().any(answered) {
            let why = "distinct rows can be sorted by what is answered only";
            return Err(scope.fault(item.at, why));
        }
        sort.push(Sort {
            operand,
            descending: item.descending,
        });
    }
    Ok(sort)
}
