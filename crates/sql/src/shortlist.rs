//! Short lists of the rows that a caller may see, for those who see few rows of a big table.
//!
//! What permissions of single records say is a rule about the row at hand: a database that goes by
//! it looks at every row. For most callers that is the worst way to a list, since what they own and
//! what was granted to them is a handful that indexes find. Whoever sees much is better off with the
//! rule, because enough rows are found soon. Hence this: the ids of all rows that the rule may be true
//! of, to be said beside the rule. It leaves out nothing that the rule does not leave out, so either
//! way the answer is the same.

use sea_query::{Asterisk, Expr, ExprTrait, Func, SelectStatement, UnionType};
use vestibule_storage::{
    Comparison, Condition, FindQuery, Operand, Rows, Select, StorageError, Visibility,
};

use crate::{
    Query, SqlCatalogue, conditions::Scope, decode::Cells, names::record, outputs::is_aggregate,
    record_permissions,
};

/// From so many rows on it is no short list any more. To count up to here takes about as long as to
/// answer a page.
const FEW: u64 = 2_000;

/// Whether to go by the list, for a query that is better off with it if it is short.
pub(crate) fn is_short(
    catalogue: &SqlCatalogue,
    query: &FindQuery,
) -> Result<Option<Query<bool>>, StorageError> {
    let scope = Scope::of_table(catalogue, &query.table, &query.visibility)?;
    if !stops_early(&scope, query) {
        return Ok(None);
    }
    let Some(mut ids) = ids(&scope, query.condition.as_ref())? else {
        return Ok(None);
    };
    ids.limit(FEW);
    let mut count = SelectStatement::new();
    count
        .expr(Func::count(Expr::col(Asterisk)))
        .from_subquery(ids, "few");
    let table = scope.table.name.clone();
    Ok(Some(Query::new(count, move |row| {
        let count = Cells::new(row, &table).integer("count")?;
        Ok(u64::try_from(count).is_ok_and(|count| count < FEW))
    })))
}

/// That a row is on the list, if there is one.
pub(crate) fn holds(
    scope: &Scope<'_>,
    condition: Option<&Condition>,
) -> Result<Option<Expr>, StorageError> {
    let ids = ids(scope, condition)?;
    Ok(ids.map(|ids| scope.column_of_id().in_subquery(ids)))
}

/// Whether the answer is complete as soon as there are enough rows: they are read in an order that an
/// index has. Otherwise every visible row is read anyway, and the list is never worse.
pub(crate) fn stops_early(scope: &Scope<'_>, query: &FindQuery) -> bool {
    let comes_row_by_row = match &query.select {
        Select::WholeRecords | Select::Records(_) => true,
        Select::Computed {
            outputs, distinct, ..
        } => {
            let mut operands = outputs.iter().map(|output| &output.operand);
            !distinct && query.group_by.is_empty() && !operands.any(is_aggregate)
        }
    };
    let has_order = |operand: &Operand| match operand {
        Operand::Column(name) => {
            let column = scope.table.column(name);
            name == record::OBJECT_ID
                || column.is_some_and(|column| column.indexed || column.unique)
        }
        _ => false,
    };
    let mut sort = query.sort.iter();
    comes_row_by_row && sort.next().is_none_or(|first| has_order(&first.operand))
}

/// The ids of all rows that the caller may see, and of some more; none if no index finds them, or if
/// there is a better way.
fn ids(
    scope: &Scope<'_>,
    condition: Option<&Condition>,
) -> Result<Option<SelectStatement>, StorageError> {
    let Rows::Where(seen) = scope.visibility.of(&scope.table.name) else {
        return Ok(None);
    };
    if !scope.table.record_permissions || condition.is_some_and(names_rows) {
        return Ok(None);
    }
    let mut parts = Vec::new();
    if !found_by_index(seen, &mut parts) || !parts.iter().any(is_permission) {
        return Ok(None);
    }
    let mut selects = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Condition::Permits {
                operation,
                grantees,
                access,
            } => selects.extend(record_permissions::ids_permitted(
                scope.table,
                *operation,
                grantees,
                *access,
            )),
            other => selects.push(ids_that_are(scope, other)?),
        }
    }
    Ok(selects.into_iter().reduce(|mut all, next| {
        all.union(UnionType::All, next);
        all
    }))
}

/// Whether indexes find all rows of which the condition is true; `parts` are then conditions of which
/// one at least is true of each of them.
fn found_by_index<'c>(condition: &'c Condition, parts: &mut Vec<&'c Condition>) -> bool {
    match condition {
        Condition::Any(any) => any.iter().all(|condition| found_by_index(condition, parts)),
        Condition::All(all) => all.iter().any(|condition| {
            let known = parts.len();
            let found = found_by_index(condition, parts);
            if !found {
                parts.truncate(known);
            }
            found
        }),
        condition if is_permission(&condition) || is_owner(condition) => {
            parts.push(condition);
            true
        }
        _ => false,
    }
}

fn is_permission(condition: &&Condition) -> bool {
    matches!(condition, Condition::Permits { .. })
}

fn is_owner(condition: &Condition) -> bool {
    match condition {
        Condition::Compare(Operand::Column(column), Comparison::Equal, Operand::Value(_)) => {
            column == record::OWNER_ID
        }
        _ => false,
    }
}

/// Whether the clause itself says which rows it is about, by their ids.
pub(crate) fn names_rows(condition: &Condition) -> bool {
    let is_id =
        |operand: &Operand| matches!(operand, Operand::Column(name) if name == record::OBJECT_ID);
    match condition {
        Condition::All(all) => all.iter().any(names_rows),
        Condition::Compare(operand, Comparison::Equal, Operand::Value(_)) => is_id(operand),
        Condition::In(operand, _) => is_id(operand),
        _ => false,
    }
}

/// The ids of the rows that are as the condition says, for whoever asks.
fn ids_that_are(scope: &Scope<'_>, condition: &Condition) -> Result<SelectStatement, StorageError> {
    let all = Scope::of_table(scope.catalogue, &scope.table.name, &Visibility::Everything)?;
    let mut select = SelectStatement::new();
    select
        .column((all.alias.clone(), record::OBJECT_ID))
        .from(all.alias.clone())
        .and_where(all.condition(condition)?);
    Ok(select)
}
