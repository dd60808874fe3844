//! The records that a clause is true for, a slice at a time: what may touch any number of rows goes in
//! steps between which everybody else has a turn (design, section 5).

use vestibule_model::{
    Catalogue, ColumnType, ErrorCode, ObjectId, PermissionOperation, Record, Value,
};
use vestibule_storage::{
    Comparison, Condition, FindQuery, Operand, Output, Select, Sort, Visibility,
};

use super::reach::Reach;
use crate::{Error, Result, clauses, context::Context, permissions, schema};

/// Whether this caller may do this with several records of this table at once.
///
/// # Errors
/// 1013 if the caller may find none of them, and what the operation is refused with.
pub(super) fn permit(ctx: &Context, table: &str, operation: PermissionOperation) -> Result<()> {
    permissions::permit(ctx, table, PermissionOperation::Find)?;
    permissions::permit(ctx, table, operation)
}

/// Records in one slice at most.
const RECORDS_AT_MOST: usize = 200;

/// Bytes that one slice writes, unless a single record takes more: two hundred times the largest
/// body would keep everybody waiting.
const BYTES: usize = 512 * 1024;

/// A walk through the records of a table by ascending id.
///
/// It ends even if the records still match when they have been dealt with, and even if others add
/// records all the time: it goes no further than the last id that there was when it began.
pub(super) struct Slices<'a> {
    ctx: &'a Context,
    table: &'a str,
    clause: &'a str,
    operation: PermissionOperation,
    /// Besides the clause.
    also: Option<Condition>,
    /// What the caller may do this with, as it was when the slice began.
    reach: Reach,
    /// Records in one slice.
    records: usize,
    after: Option<ObjectId>,
    until: Option<ObjectId>,
    ended: bool,
}

impl<'a> Slices<'a> {
    /// The walk through what the clause is true for, and this condition too, as far as the caller
    /// may find it and do this with it.
    pub(super) fn new(
        ctx: &'a Context,
        table: &'a str,
        clause: &'a str,
        operation: PermissionOperation,
        also: Option<Condition>,
    ) -> Self {
        Self {
            ctx,
            table,
            clause,
            operation,
            also,
            reach: Reach::of(ctx, table, &[operation]),
            records: RECORDS_AT_MOST,
            after: None,
            until: None,
            ended: false,
        }
    }

    /// The same walk in smaller slices if so many bytes are written to each record.
    pub(super) fn writing(self, bytes: usize) -> Self {
        let records = (BYTES / bytes.max(1)).clamp(1, RECORDS_AT_MOST);
        Self { records, ..self }
    }

    /// What the caller may see.
    pub(super) fn visibility(&self) -> &Visibility {
        self.reach.visibility()
    }

    /// How records must be to be dealt with.
    ///
    /// # Errors
    /// 1009 if there is no such table, 1017 without a clause and for one that cannot be used.
    pub(super) fn condition(&self, catalogue: &Catalogue) -> Result<Condition> {
        clauses::table(catalogue, self.table)?;
        let clause = clauses::condition(catalogue, self.table, self.clause)?;
        let clause = clause.ok_or_else(|| {
            let message = "a where-clause is required; 'objectId is not null' is true for all";
            Error::new(ErrorCode::InvalidWhereClause, message)
        })?;
        let granted = self.reach.condition().into_iter();
        let conditions = granted.chain([clause]).chain(self.also.clone());
        Ok(Condition::All(conditions.collect()))
    }

    /// The next records, with nothing but their column `updated`; none at the end.
    ///
    /// # Errors
    /// As [`condition`](Slices::condition), and when the database does not answer.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Record>>> {
        if self.ended {
            return Ok(None);
        }
        // A permission that was changed since the last slice counts.
        self.reach = Reach::of(self.ctx, self.table, &[self.operation]);
        let records = self.find(false, self.records).await?;
        self.ended = records.len() < self.records;
        if !self.ended && self.until.is_none() {
            let last = self.find(true, 1).await?;
            self.until = last.first().map(|record| record.id().clone());
        }
        self.after = records.last().map(|record| record.id().clone());
        Ok((!records.is_empty()).then_some(records))
    }

    /// The records from here on, from the first one or from the last one.
    async fn find(&self, descending: bool, limit: usize) -> Result<Vec<Record>> {
        let id = || Operand::Column("objectId".to_owned());
        let bound = |id_is, bound: &Option<ObjectId>| {
            let bound = bound.as_ref()?;
            let bound = Operand::Value(Value::from(bound.as_str()));
            Some(Condition::Compare(id(), id_is, bound))
        };
        for _ in 0..schema::ATTEMPTS {
            let storage = &*self.ctx.shared.engine.storage;
            let catalogue = storage.catalogue().await?;
            let conditions = [
                Some(self.condition(&catalogue)?),
                bound(Comparison::Greater, &self.after),
                bound(Comparison::LessOrEqual, &self.until),
            ];
            let query = FindQuery {
                table: self.table.to_owned(),
                select: Select::Records(vec![Output {
                    name: "updated".to_owned(),
                    operand: Operand::Column("updated".to_owned()),
                    column_type: ColumnType::DateTime,
                }]),
                condition: Some(Condition::All(conditions.into_iter().flatten().collect())),
                group_by: Vec::new(),
                having: None,
                sort: vec![Sort {
                    operand: id(),
                    descending,
                }],
                offset: 0,
                limit: limit as u64,
                visibility: self.visibility().clone(),
            };
            match storage.find(&query).await {
                Ok(rows) => {
                    let records = rows.into_iter().filter_map(|row| row.record().cloned());
                    return Ok(records.collect());
                }
                Err(error) if schema::is_outdated(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(schema::changed_too_often())
    }
}
