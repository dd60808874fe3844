//! What a caller may do with single records: the storage is asked in the step that does it.

use vestibule_model::{ErrorCode, ObjectId, PermissionOperation};
use vestibule_storage::{Change, Condition, Precondition, Rows, Visibility};

use super::saving;
use crate::{Error, Result, context::Context, permissions};

/// With which records of a table a caller may do something: those that the caller may find, and
/// with which all of the operations are granted.
///
/// A record that may not be found does not exist for its caller (1000), whatever else is denied.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    table: String,
    visibility: Visibility,
    /// What it is about most.
    operation: Option<PermissionOperation>,
    /// What must be true of a record besides that it may be found, and for the sake of what.
    conditions: Vec<(PermissionOperation, Condition)>,
}

impl Reach {
    /// The records of this table with which the caller may do all of this.
    pub(super) fn of(ctx: &Context, table: &str, operations: &[PermissionOperation]) -> Self {
        let rows = operations
            .iter()
            .map(|operation| (*operation, permissions::rows(ctx, table, *operation)));
        Self::among(permissions::visibility(ctx), table, rows)
    }

    /// The records that may be found, and are among all of these.
    pub(super) fn among(
        visibility: Visibility,
        table: &str,
        rows: impl Iterator<Item = (PermissionOperation, Rows)>,
    ) -> Self {
        let mut conditions: Vec<(PermissionOperation, Condition)> = Vec::new();
        let mut first = None;
        for (operation, rows) in rows {
            first = first.or(Some(operation));
            // Whoever may find the record may do this: there is nothing more to ask.
            if rows == *visibility.of(table) {
                continue;
            }
            let condition = match rows {
                Rows::All => continue,
                Rows::Where(condition) => condition,
                Rows::Nothing => Condition::Any(Vec::new()),
            };
            if !conditions.iter().any(|(_, known)| *known == condition) {
                conditions.push((operation, condition));
            }
        }
        Self {
            table: table.to_owned(),
            visibility,
            operation: first,
            conditions,
        }
    }

    /// What the caller may find.
    pub(super) fn visibility(&self) -> &Visibility {
        &self.visibility
    }

    /// The requirements of a change that itself requires that the caller may find the record.
    pub(super) fn besides_finding(&self, id: &ObjectId) -> Vec<Change> {
        if self.conditions.is_empty() {
            return Vec::new();
        }
        self.require(id)
    }

    /// The requirements of a change that itself requires that the record exists, and nothing else.
    pub(super) fn besides_existing(&self, id: &ObjectId) -> Vec<Change> {
        if self.conditions.is_empty() && *self.visibility.of(&self.table) == Rows::All {
            return Vec::new();
        }
        self.require(id)
    }

    /// The requirements of a change of this record. That it may be found comes first.
    pub(super) fn require(&self, id: &ObjectId) -> Vec<Change> {
        let found = Precondition::RecordExists {
            table: self.table.clone(),
            id: id.clone(),
            visibility: self.visibility.clone(),
        };
        let granted = self
            .conditions
            .iter()
            .map(|(_, condition)| Precondition::RecordIs {
                table: self.table.clone(),
                id: id.clone(),
                condition: Box::new(condition.clone()),
            });
        std::iter::once(found)
            .chain(granted)
            .map(Change::Require)
            .collect()
    }

    /// What a record must be like besides being visible, as one condition; none if nothing.
    pub(super) fn condition(&self) -> Option<Condition> {
        let mut conditions: Vec<_> = self
            .conditions
            .iter()
            .map(|(_, condition)| condition.clone())
            .collect();
        match conditions.len() {
            0 | 1 => conditions.pop(),
            _ => Some(Condition::All(conditions)),
        }
    }

    /// What the caller hears when this is the requirement that did not hold; nothing if it is none of
    /// these.
    pub(super) fn refusal(&self, ctx: &Context, refused: &Precondition) -> Option<Error> {
        match refused {
            Precondition::RecordExists { table, id, .. } if *table == self.table => {
                Some(saving::not_found(id))
            }
            // Permissions may have changed since, and then it is a condition of before.
            Precondition::RecordIs { table, .. } if *table == self.table => {
                let operation = self.operation_of(refused).or(self.operation);
                operation.map(|operation| permissions::denied(ctx, table, operation))
            }
            _ => None,
        }
    }

    /// For the sake of what this is required of records, if it is.
    pub(super) fn operation_of(&self, required: &Precondition) -> Option<PermissionOperation> {
        let Precondition::RecordIs {
            table, condition, ..
        } = required
        else {
            return None;
        };
        let mut conditions = self.conditions.iter().filter(|_| *table == self.table);
        let found = conditions.find(|(_, known)| *known == **condition);
        found.map(|(operation, _)| *operation)
    }
}

/// The verdict on a change of one record, of which permissions say that nobody like this caller may
/// make it at all: who may not find the record is told of no such record.
pub(super) async fn unless_hidden(
    ctx: &Context,
    table: &str,
    id: &ObjectId,
    permitted: Result<()>,
) -> Result<()> {
    let Err(error) = permitted else {
        return Ok(());
    };
    if !is_about_records(error.code()) {
        return Err(error);
    }
    if may_find(ctx, table, id).await? {
        return Err(error);
    }
    Err(saving::not_found(id))
}

/// Whether there is such a record and the caller may find it.
pub(super) async fn may_find(ctx: &Context, table: &str, id: &ObjectId) -> Result<bool> {
    exists(ctx, table, id, permissions::visibility(ctx)).await
}

/// Whether there is such a record for whoever sees so much. In a table that is not there is none.
pub(super) async fn exists(
    ctx: &Context,
    table: &str,
    id: &ObjectId,
    visibility: Visibility,
) -> Result<bool> {
    let engine = &ctx.shared.engine;
    if *visibility.of(table) == Rows::Nothing
        || engine.storage.catalogue().await?.table(table).is_none()
    {
        return Ok(false);
    }
    let found = saving::read(engine, table, id, visibility).await?;
    Ok(found.is_some())
}

/// Whether an error says that something may not be done with any record.
fn is_about_records(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::CreateDenied
            | ErrorCode::UpdateRecordDenied
            | ErrorCode::RemoveDenied
            | ErrorCode::TableOperationDenied
    )
}
