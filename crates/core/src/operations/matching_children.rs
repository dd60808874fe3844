//! The children that a where-clause is true for, looked up a page at a time.

use std::{collections::BTreeMap, sync::Arc};

use vestibule_model::{Catalogue, ErrorCode, ObjectId, Query, Record, Row, Value};
use vestibule_storage::{
    Comparison, Condition, FindQuery, Operand, Records, RelatedQuery, Rows, Select, Storage,
    Visibility, VisibleRows,
};

use super::attempt::Failed;
use crate::{Error, Result, clauses};

/// Children that one call may link or unlink.
const CHILDREN_AT_MOST: usize = 10_000;

/// Children that are looked up at a time.
const PAGE: u64 = 1000;

/// The records of this table that the clause is true for, as far as they may be seen.
///
/// # Errors
/// The codes of a where-clause; 8008 if there are too many.
pub(super) async fn existing(
    storage: &dyn Storage,
    catalogue: &Catalogue,
    table: &str,
    clause: &str,
    visibility: &Visibility,
) -> Result<Vec<ObjectId>, Failed> {
    refuse_blank(clause)?;
    let clause = clauses::condition(catalogue, table, clause)?;
    let mut query = FindQuery {
        table: table.to_owned(),
        select: Select::Records(Vec::new()),
        condition: clause.clone(),
        group_by: Vec::new(),
        having: None,
        sort: Vec::new(),
        offset: 0,
        limit: PAGE,
        visibility: visibility.clone(),
    };
    let mut ids = Vec::new();
    loop {
        let rows = storage.find(&query).await?;
        let records = rows.iter().filter_map(Row::record);
        if !take(&mut ids, records)? {
            return Ok(ids);
        }
        // Records come by descending id: the next page begins below this one, whatever is written
        // meanwhile.
        let below = ids.last().map(is_below);
        let condition = clause.iter().cloned().chain(below).collect();
        query.condition = Some(Condition::All(condition));
    }
}

/// The records that this one refers to by this relation and that the clause is true for, as far as
/// they may be seen.
///
/// # Errors
/// The codes of a where-clause; 8008 if there are too many.
pub(super) async fn linked(
    storage: &dyn Storage,
    catalogue: &Catalogue,
    (table, parent, relation): (&str, &ObjectId, &str),
    clause: &str,
    visibility: &Visibility,
) -> Result<Vec<ObjectId>, Failed> {
    refuse_blank(clause)?;
    let mut query = RelatedQuery {
        outputs: Vec::new(),
        limit: PAGE,
        ..clauses::related(
            catalogue,
            table,
            relation,
            vec![parent.clone()],
            &Query::matching(clause),
            visibility.clone(),
        )?
    };
    let mut ids = Vec::new();
    loop {
        let found = storage.related(&query).await?;
        let records = found.iter().flat_map(|(_, records)| records);
        if !take(&mut ids, records)? {
            return Ok(ids);
        }
        query.offset += PAGE;
    }
}

/// Those of these records that may be seen.
///
/// # Errors
/// Fails when the database does not answer.
pub(super) async fn seen(
    storage: &dyn Storage,
    table: &str,
    ids: Vec<ObjectId>,
    visibility: &Visibility,
) -> Result<Vec<ObjectId>, Failed> {
    among(storage, table, ids, visibility.of(table).clone()).await
}

/// Those of these records that are among these rows.
///
/// # Errors
/// Fails when the database does not answer.
pub(super) async fn among<S: Records + Sync + ?Sized>(
    storage: &S,
    table: &str,
    ids: Vec<ObjectId>,
    rows: Rows,
) -> Result<Vec<ObjectId>, Failed> {
    let visibility = match rows {
        Rows::All => return Ok(ids),
        Rows::Nothing => return Ok(Vec::new()),
        rest => Visibility::ByTable(Arc::new(VisibleRows {
            tables: BTreeMap::new(),
            rest,
        })),
    };
    let mut seen = Vec::new();
    for page in ids.chunks(PAGE as usize) {
        let values = page.iter().map(|id| Value::from(id.as_str())).collect();
        let rows = storage
            .find(&FindQuery {
                table: table.to_owned(),
                select: Select::Records(Vec::new()),
                condition: Some(Condition::In(
                    Operand::Column("objectId".to_owned()),
                    values,
                )),
                group_by: Vec::new(),
                having: None,
                sort: Vec::new(),
                offset: 0,
                limit: PAGE,
                visibility: visibility.clone(),
            })
            .await?;
        let records = rows.iter().filter_map(Row::record);
        seen.extend(records.map(|record| record.id().clone()));
    }
    Ok(seen)
}

/// Takes the ids of a page, and says whether there may be another one.
fn take<'r>(ids: &mut Vec<ObjectId>, page: impl Iterator<Item = &'r Record>) -> Result<bool> {
    let before = ids.len();
    ids.extend(page.map(|record| record.id().clone()));
    refuse_too_many(ids)?;
    Ok(ids.len() - before == PAGE as usize)
}

/// Refuses more children than one call may link or unlink (8008).
pub(super) fn refuse_too_many(ids: &[ObjectId]) -> Result<()> {
    if ids.len() <= CHILDREN_AT_MOST {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "one call changes at most {CHILDREN_AT_MOST} links; narrow the condition, or send the ids in parts"
    )))
}

fn is_below(id: &ObjectId) -> Condition {
    Condition::Compare(
        Operand::Column("objectId".to_owned()),
        Comparison::Less,
        Operand::Value(Value::from(id.as_str())),
    )
}

/// A blank condition would mean every record; that is hardly ever meant.
fn refuse_blank(clause: &str) -> Result<()> {
    if clause.trim().is_empty() {
        let message = "the where clause is blank; say which records, or send their ids";
        return Err(Error::new(ErrorCode::InvalidWhereClause, message));
    }
    Ok(())
}
