//! From what was sent to the changes of the storage: one way for every save of a record.

use vestibule_model::{
    Catalogue, ColumnType, ErrorCode, ObjectId, PermissionOperation, Record, Table, Value,
};
use vestibule_storage::{
    Applied, Assignment, Change, Comparison, Condition, Constraint, FindQuery, NewRecord, Operand,
    Precondition, RecordUpdate, Select, StorageError, Visibility,
};

use super::{
    reach::Reach,
    record_properties::{Sent, column, complete, refuse_empty},
};
use crate::{Error, Result, clauses, context::Context, engine::EngineInner, schema};

/// One record to save.
pub(super) struct Row<'a> {
    /// Which one.
    pub(super) id: ObjectId,
    /// Whether it exists, and if so as what it was read. Reading it is needed for JSON operations
    /// only.
    pub(super) is: Is,
    /// What was sent for it.
    pub(super) sent: &'a Sent,
}

/// Whether a record to save exists.
pub(super) enum Is {
    /// It is to be made.
    New,
    /// It is to be changed.
    There {
        /// As it was when it was read, if that was needed.
        before: Option<Record>,
    },
}

/// What is to be done to save records, and what the new ones are then.
pub(super) struct Plan {
    pub(super) changes: Vec<Change>,
    /// The records that are made, in their order.
    pub(super) made: Vec<Record>,
}

/// What a save may do: who saves, and whether the schema follows.
pub(super) struct Saver<'a> {
    pub(super) ctx: &'a Context,
    /// Whether unknown tables and columns are made.
    pub(super) dynamic: bool,
}

impl<'a> Saver<'a> {
    /// The saver of a call: the schema follows if it is dynamic.
    pub(super) fn of(ctx: &'a Context) -> Self {
        let dynamic = ctx.settings().schema.dynamic;
        Self { ctx, dynamic }
    }

    /// The changes that save these records of one table.
    ///
    /// # Errors
    /// What does not fit: 1007, 8003, 8000, 8008 for values, 1125, 1126 and others for names, 1131,
    /// 1137 and 1165 for required columns.
    pub(super) fn plan(
        &self,
        catalogue: &Catalogue,
        table: &str,
        rows: &[Row<'_>],
    ) -> Result<Plan> {
        let values: Vec<_> = rows.iter().map(|row| &row.sent.values).collect();
        let fitted = schema::fit(catalogue, table, &values, self.dynamic)?;
        let mut plan = Plan {
            changes: fitted.changes,
            made: Vec::new(),
        };
        let table = clauses::table(&fitted.catalogue, table)?;
        let reach = self.reach(&table.name);
        for row in rows {
            match &row.is {
                Is::New => {
                    let record = self.make(table, row)?;
                    plan.made.push(as_made(table, &record));
                    plan.changes.push(Change::InsertRecord(record));
                }
                Is::There { before } => {
                    let before = before.as_ref();
                    plan.changes.extend(self.change(
                        &fitted.catalogue,
                        table,
                        row,
                        before,
                        &reach,
                    )?);
                }
            }
        }
        Ok(plan)
    }

    /// The records of a table that may be changed.
    pub(super) fn reach(&self, table: &str) -> Reach {
        Reach::of(self.ctx, table, &[PermissionOperation::Update])
    }

    fn make(&self, table: &Table, row: &Row<'_>) -> Result<NewRecord> {
        let sent = row.sent;
        sent.refuse_calculations()?;
        let mut properties = sent.converted(table)?;
        complete(&mut properties, table)?;
        Ok(NewRecord {
            table: table.name.clone(),
            id: row.id.clone(),
            owner_id: match &sent.owner {
                Some(owner) => owner.clone(),
                None => self.ctx.call().owner.clone(),
            },
            at: self.ctx.now(),
            properties,
        })
    }

    /// The changes of one record; all of them require that it may be found and changed.
    fn change(
        &self,
        catalogue: &Catalogue,
        table: &Table,
        row: &Row<'_>,
        before: Option<&Record>,
        reach: &Reach,
    ) -> Result<Vec<Change>> {
        let assignments = assignments(catalogue, table, row.sent, before)?;
        if assignments.is_empty() {
            return Ok(reach.require(&row.id));
        }
        let mut changes = reach.besides_finding(&row.id);
        if let Some(before) = before {
            changes.push(Change::Require(Precondition::RecordUnchanged {
                table: table.name.clone(),
                id: row.id.clone(),
                updated: before.updated(),
            }));
        }
        changes.push(Change::UpdateRecord(RecordUpdate {
            table: table.name.clone(),
            id: row.id.clone(),
            assignments,
            at: self.ctx.now(),
            visibility: reach.visibility().clone(),
        }));
        Ok(changes)
    }
}

/// What the columns of a record become.
///
/// # Errors
/// As [`Saver::plan`]; 8008 for a JSON operation if the record was not read `before`.
pub(super) fn assignments(
    catalogue: &Catalogue,
    table: &Table,
    sent: &Sent,
    before: Option<&Record>,
) -> Result<Vec<(String, Assignment)>> {
    let mut assignments = Vec::new();
    for (name, value) in sent.converted(table)? {
        if let Some(column) = table.column(&name) {
            refuse_empty(column, &value)?;
        }
        assignments.push((name, Assignment::Value(value)));
    }
    for (name, text) in &sent.expressions {
        let column = column(table, name)?;
        if matches!(
            column.column_type,
            ColumnType::String | ColumnType::Text | ColumnType::StringId | ColumnType::Json
        ) {
            // The database calculates, and knows neither size nor validator.
            return Err(Error::invalid(format!(
                "the column '{name}' cannot be calculated: that is for numbers, dates and yes or no"
            )));
        }
        let operand = clauses::expression(catalogue, &table.name, column, text)?;
        assignments.push((name.clone(), Assignment::Expression(operand)));
    }
    for (name, operation) in &sent.operations {
        let column = column(table, name)?;
        let Some(before) = before.filter(|_| column.column_type == ColumnType::Json) else {
            return Err(Error::invalid(format!(
                "the column '{name}' cannot be changed by a JSON operation here: that is for JSON \
                 columns, one record at a time"
            )));
        };
        let value = operation.apply(name, before.get(name))?;
        refuse_empty(column, &value)?;
        let value =
            crate::values::convert(column, value).map_err(|misfit| misfit.of_record(column))?;
        assignments.push((name.clone(), Assignment::Value(value)));
    }
    if let Some(owner) = &sent.owner {
        let owner = owner.as_ref().map(ObjectId::as_str);
        let owner = Assignment::Value(Value::from(owner));
        assignments.push(("ownerId".to_owned(), owner));
    }
    Ok(assignments)
}

/// A new record as it will be read.
fn as_made(table: &Table, new: &NewRecord) -> Record {
    let mut record = Record::new(&*new.table, new.id.clone());
    record.properties = new.properties.clone();
    for column in &table.columns {
        let value = match column.name.as_str() {
            "objectId" => continue,
            "ownerId" => Value::from(new.owner_id.as_ref().map(ObjectId::as_str)),
            "created" => Value::from(new.at.as_millis()),
            name => new.properties.get(name).cloned().unwrap_or_default(),
        };
        record.properties.insert(column.name.clone(), value);
    }
    record
}

/// Why changes were not made.
pub(super) enum Failed {
    /// Planning found something wrong.
    Refused(Error),
    /// The storage did not make them, and not because the schema changed meanwhile.
    Storage(StorageError),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Failed {
    /// Whether a record changed after it was read: reading it again and trying again helps.
    pub(super) fn is_of_change(&self) -> bool {
        matches!(
            self,
            Self::Storage(StorageError::Refused {
                precondition: Precondition::RecordUnchanged { .. },
            })
        )
    }

    /// The same; if what was to be changed is beyond reach, in the words for that.
    pub(super) fn beyond(self, reach: &Reach, ctx: &Context) -> Self {
        self.refusal(reach, ctx).map_or(self, Self::Refused)
    }

    /// Whether what was to be changed is beyond reach.
    pub(super) fn is_beyond(&self, reach: &Reach, ctx: &Context) -> bool {
        self.refusal(reach, ctx).is_some()
    }

    fn refusal(&self, reach: &Reach, ctx: &Context) -> Option<Error> {
        match self {
            Self::Storage(StorageError::Refused { precondition }) => {
                reach.refusal(ctx, precondition)
            }
            Self::Storage(_) | Self::Refused(_) => None,
        }
    }

    /// What the caller who saves this record, or this table, hears.
    pub(super) fn into_error(self, table: &str, id: Option<&ObjectId>) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Storage(error) => refusal(error, table, id),
        }
    }
}

/// Makes the changes that `plan` finds with the catalogue, and plans anew when the schema changes
/// meanwhile.
pub(super) async fn apply<T>(
    engine: &EngineInner,
    plan: impl Fn(&Catalogue) -> Result<(Vec<Change>, T)>,
) -> Result<(T, Applied), Failed> {
    for _ in 0..schema::ATTEMPTS {
        let catalogue = engine.storage.catalogue().await.map_err(Failed::Storage)?;
        let (changes, output) = plan(&catalogue)?;
        match engine.apply(changes).await {
            Ok(applied) => return Ok((output, applied)),
            Err(error) if schema::is_outdated(&error) => {}
            Err(error) => return Err(Failed::Storage(error)),
        }
    }
    Err(Failed::Refused(schema::changed_too_often()))
}

/// What the caller of a save hears when the storage did not make the changes.
fn refusal(error: StorageError, table: &str, id: Option<&ObjectId>) -> Error {
    match error {
        StorageError::Conflict {
            constraint: Constraint::Unique { table, column },
        } => {
            let message = format!(
                "Duplicate entry for column '{column}': another record of '{table}' has this value"
            );
            Error::new(ErrorCode::DuplicateColumnValue, message)
        }
        StorageError::Conflict {
            constraint: Constraint::ObjectId(id),
        } => {
            let message = format!("a record with the objectId {id} exists already in '{table}'");
            Error::new(ErrorCode::RecordExists, message)
        }
        StorageError::Conflict {
            constraint: Constraint::OneToOne { relation, .. },
        } => {
            let message = format!("the relation '{relation}' leads to one record at most");
            Error::new(ErrorCode::RelationOccupied, message)
        }
        StorageError::Refused {
            precondition: Precondition::RecordExists { id, .. },
        } => not_found(&id),
        StorageError::Refused {
            precondition: Precondition::RecordUnchanged { .. },
        } => Error::unavailable("a record changes all the time").saying(match id {
            Some(id) => format!("the record {id} is changed by others all the time; try again"),
            None => "the records are changed by others all the time; try again".to_owned(),
        }),
        error => error.into(),
    }
}

/// There is no such record, or the caller may not know that there is (1000; the text is exact).
pub(super) fn not_found(id: &ObjectId) -> Error {
    Error::not_found(format!("Entity with ID {id} not found"))
}

/// A record as it is now, with all its columns, if it may be seen.
///
/// # Errors
/// 1009 if there is no such table; fails when the database does not answer.
pub(super) async fn read(
    engine: &EngineInner,
    table: &str,
    id: &ObjectId,
    visibility: Visibility,
) -> Result<Option<Record>> {
    for _ in 0..schema::ATTEMPTS {
        let catalogue = engine.storage.catalogue().await?;
        // To the storage, a table that never was is one that has gone meanwhile.
        clauses::table(&catalogue, table)?;
        let query = FindQuery {
            table: table.to_owned(),
            select: Select::WholeRecords,
            condition: Some(has_id(id)),
            group_by: Vec::new(),
            having: None,
            sort: Vec::new(),
            offset: 0,
            limit: 1,
            visibility: visibility.clone(),
        };
        match engine.storage.find(&query).await {
            Ok(rows) => return Ok(rows.into_iter().find_map(|row| row.record().cloned())),
            Err(error) if schema::is_outdated(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(schema::changed_too_often())
}

/// Being the record with this id.
pub(super) fn has_id(id: &ObjectId) -> Condition {
    Condition::Compare(
        Operand::Column("objectId".to_owned()),
        Comparison::Equal,
        Operand::Value(Value::from(id.as_str())),
    )
}
