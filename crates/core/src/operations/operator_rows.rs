//! What the operator sees and edits of any table. These are no events: no handler sees them, and no
//! permission binds them.

use std::collections::BTreeMap;

use vestibule_model::{
    Actor, AuditRecord, Catalogue, ErrorCode, ObjectId, Properties, Query, Record, Row, Table,
    Timestamp, USERS, User, UserStatus, Value,
};
use vestibule_storage::{
    Assignment, Change, Constraint, Precondition, RecordUpdate, StorageError, Visibility,
};

use super::{
    attempt::{Failed, attempts},
    change_user_status::refuse_change,
    record_properties::{id_of, refuse_empty},
    saving,
    user_properties::{self, is_settable},
    user_rows::refuse_half_registration,
};
use crate::{
    Error, Result, clauses,
    engine::{Engine, EngineInner},
    values,
};

impl Engine {
    /// Rows of any table, whoever owns them. Relations are not loaded. For the operator.
    ///
    /// # Errors
    /// Those of a find: 1009 for an unknown table, 1006 for an unknown column, 1017 for a clause that
    /// cannot be used, 1004, 1005 and 1025 for impossible pages.
    pub async fn rows_for_operator(&self, table: &str, query: &Query) -> Result<Vec<Row>> {
        let storage = &*self.inner.storage;
        attempts(|| async {
            let catalogue = storage.catalogue().await?;
            let find = clauses::find(&catalogue, table, query, Visibility::Everything)?;
            Ok::<_, Failed>(storage.find(&find).await?)
        })
        .await
    }

    /// Changes columns of one record, whoever owns it; of a user the status as well. Answers the
    /// record as it is then. For the operator.
    ///
    /// # Errors
    /// 1009, 1000 and 1126 if there is no such table, record or column; 1001 if nothing is to be
    /// changed; 1162 for the columns that only Vestibule changes; 8008 for a password and for
    /// relations, which are not edited like this; and those of an update for values that do not fit.
    pub async fn edit_row_for_operator(
        &self,
        table: &str,
        id: &ObjectId,
        properties: Properties,
    ) -> Result<Record> {
        let (table, id) = (table.to_owned(), id.clone());
        self.as_operator(async move |engine| {
            let edit = Edit::of(&engine, &table, &id, properties).await?;
            let plan = |catalogue: &Catalogue| Ok((edit.changes(catalogue, &engine)?, ()));
            match saving::apply(&engine, plan).await {
                Ok(_) => {}
                Err(saving::Failed::Storage(error)) if table == USERS => {
                    return Err(of_user(error));
                }
                Err(failed) => return Err(failed.into_error(&table, Some(&id))),
            }
            let record = saving::read(&engine, &table, &id, Visibility::Everything).await?;
            record.ok_or_else(|| saving::not_found(&id))
        })
        .await
    }
}

/// What the operator wants a row to be.
struct Edit<'a> {
    table: &'a str,
    id: &'a ObjectId,
    properties: Properties,
    /// The user, if the row is one, as it was when it was read.
    user: Option<User>,
    at: Timestamp,
}

impl<'a> Edit<'a> {
    async fn of(
        engine: &EngineInner,
        table: &'a str,
        id: &'a ObjectId,
        mut properties: Properties,
    ) -> Result<Self> {
        properties.retain(|name, _| !name.starts_with("__"));
        if properties.is_empty() {
            let message = "there is nothing to change: send the columns and their new values";
            return Err(Error::new(ErrorCode::NothingToUpdate, message));
        }
        let user = if table == USERS {
            let user = engine.storage.user(id).await?;
            Some(user.ok_or_else(|| saving::not_found(id))?)
        } else {
            None
        };
        Ok(Self {
            table,
            id,
            properties,
            user,
            at: engine.clock.now(),
        })
    }

    fn changes(&self, catalogue: &Catalogue, engine: &EngineInner) -> Result<Vec<Change>> {
        let table = clauses::table(catalogue, self.table)?;
        for name in self.properties.keys() {
            refuse_uneditable(table, name)?;
        }
        let mut changes = Vec::new();
        if let Some(user) = &self.user {
            let unchanged = Precondition::UserStatusIs(self.id.clone(), user.status);
            changes.push(Change::Require(unchanged));
            changes.extend(self.change_of_status(user, engine)?);
        }
        let values = match &self.user {
            Some(user) => self.values_of_user(user, catalogue)?,
            None => self.values_of_record(table)?,
        };
        let owner = match self.properties.get("ownerId") {
            None => None,
            Some(owner) => Some(Value::from(id_of(owner)?.as_ref().map(ObjectId::as_str))),
        };
        let owner = owner.map(|owner| ("ownerId".to_owned(), owner));
        let assignments: Vec<_> = values
            .into_iter()
            .chain(owner)
            .map(|(name, value)| (name, Assignment::Value(value)))
            .collect();
        if !assignments.is_empty() {
            changes.push(Change::UpdateRecord(RecordUpdate {
                table: self.table.to_owned(),
                id: self.id.clone(),
                assignments,
                at: self.at,
                visibility: Visibility::Everything,
            }));
        }
        changes.push(Change::Audit(AuditRecord {
            at: self.at,
            actor: Actor::Admin,
            action: format!("editRow {} {}", self.table, self.id),
            subject: self.user.as_ref().map(|_| self.id.clone()),
            caller: None,
        }));
        Ok(changes)
    }

    fn change_of_status(&self, user: &User, engine: &EngineInner) -> Result<Vec<Change>> {
        let Some(status) = self.properties.get("userStatus") else {
            return Ok(Vec::new());
        };
        let status: Option<UserStatus> = status.as_text().and_then(|text| text.parse().ok());
        let status = status.ok_or_else(|| {
            Error::invalid("the status of a user can be set to ENABLED or DISABLED")
        })?;
        // Whoever edits a row sends back what was not touched.
        if status == user.status {
            return Ok(Vec::new());
        }
        refuse_change(user.status, status)?;
        Ok(vec![
            Change::SetUserStatus {
                id: self.id.clone(),
                status,
                at: self.at,
            },
            // Memory is about to forget these sessions; what it knows better is kept.
            Change::RecordActivity(engine.sessions.last_uses_of(self.id)),
        ])
    }

    fn values_of_user(&self, user: &User, catalogue: &Catalogue) -> Result<Properties> {
        let mut properties = self.properties.clone();
        if user.is_guest() {
            refuse_half_registration(&mut properties, &mut None, catalogue)?;
        } else {
            user_properties::require_what_is_named(&properties, catalogue)?;
        }
        user_properties::accept(properties, catalogue, user.is_guest())
    }

    fn values_of_record(&self, table: &Table) -> Result<Properties> {
        let mut converted = BTreeMap::new();
        for (name, value) in &self.properties {
            let Some(column) = table.column(name).filter(|column| !column.system) else {
                continue;
            };
            refuse_empty(column, value)?;
            let value = values::convert(column, value.clone())
                .map_err(|misfit| misfit.of_record(column))?;
            converted.insert(name.clone(), value);
        }
        Ok(converted)
    }
}

/// Refuses what the operator cannot edit as a value.
fn refuse_uneditable(table: &Table, name: &str) -> Result<()> {
    let is_users = table.name == USERS;
    if is_users && name == "password" {
        let message = "a password is not edited like this: its user changes it, or restores it";
        return Err(Error::invalid(message));
    }
    if table.relation(name).is_some() {
        return Err(Error::invalid(format!(
            "'{name}' is a relation: it is set, added to and deleted from, not edited"
        )));
    }
    let Some(column) = table.column(name) else {
        let message = format!("column '{name}' does not exist in table '{}'", table.name);
        return Err(Error::new(ErrorCode::ColumnMissing, message));
    };
    // A user owns its own row, and so it stays.
    let editable = match is_users {
        true => name == "userStatus" || is_settable(column),
        false => name == "ownerId",
    };
    if column.system && !editable {
        let message = format!("only Vestibule changes the column '{name}'");
        return Err(Error::new(ErrorCode::SystemColumnProhibited, message));
    }
    Ok(())
}

/// What the operator hears when the storage did not change a user.
fn of_user(error: StorageError) -> Error {
    match error {
        StorageError::Conflict {
            constraint: Constraint::Identity,
        } => Error::new(
            ErrorCode::IdentityExists,
            "another user has this identity already",
        ),
        StorageError::Conflict {
            constraint: Constraint::Unique { column, .. },
        } => user_properties::duplicate(&column),
        StorageError::Refused { .. } => Error::unavailable("the user changed meanwhile"),
        error => error.into(),
    }
}
