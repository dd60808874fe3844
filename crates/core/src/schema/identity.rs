//! Which column users log in with. Only the operator says so.

use vestibule_model::{
    Actor, AuditRecord, Catalogue, Column, ColumnType, ErrorCode, USERS, UserStatus, Value,
};
use vestibule_storage::{
    Change, Comparison, Condition, Constraint, CountQuery, Operand, Precondition, StorageError,
    Visibility,
};

use super::{
    draft::{ATTEMPTS, changed_too_often, is_outdated},
    names,
};
use crate::{
    Error, Result, clauses,
    engine::{Engine, EngineInner},
};

/// System columns that users can log in with. The others are Vestibule's to fill in.
const OF_THE_SYSTEM: [&str; 2] = ["email", "name"];

impl Engine {
    /// Makes another column of `Users` the one that users log in with; answers it. It becomes required
    /// and unique; what was the identity stays unique and is not required any more. For the operator.
    ///
    /// # Errors
    /// 1009 and 1126 if there is no such table or column; 8008 if the table is not `Users`, and for a
    /// relation, a column that is no STRING, or one with a default; 1162 for a column that Vestibule
    /// fills in; 1156 if registered users are without a value in it, 1155 if two have the same.
    pub async fn set_identity(&self, table: &str, column: &str) -> Result<Column> {
        let (table, column) = (table.to_owned(), column.to_owned());
        self.as_operator(async move |engine| {
            for _ in 0..ATTEMPTS {
                let catalogue = engine.storage.catalogue().await?;
                let candidate = candidate(&catalogue, &table, &column)?;
                if candidate.identity {
                    return Ok(candidate.clone());
                }
                engine.refuse_users_without(&column).await?;
                match engine.apply(engine.changes(&column)).await {
                    Ok(_) => {}
                    Err(error) if is_outdated(&error) => continue,
                    Err(error) => return Err(refusal(error, &column)),
                }
                // Read again: what becomes of a column that is the identity, the storage knows.
                let catalogue = engine.storage.catalogue().await?;
                let column = catalogue
                    .table(USERS)
                    .and_then(|users| users.column(&column));
                return column.cloned().ok_or_else(changed_too_often);
            }
            Err(changed_too_often())
        })
        .await
    }
}

impl EngineInner {
    fn changes(&self, column: &str) -> Vec<Change> {
        vec![
            Change::Require(Precondition::EveryUserHas(column.to_owned())),
            Change::SetIdentity {
                column: column.to_owned(),
            },
            Change::Audit(AuditRecord {
                at: self.clock.now(),
                actor: Actor::Admin,
                action: format!("setIdentity {USERS}.{column}"),
                subject: None,
                caller: None,
            }),
        ]
    }

    /// Refuses a column in which registered users have nothing (1156); guests log in with nothing.
    async fn refuse_users_without(&self, column: &str) -> Result<()> {
        let value = || Operand::Column(column.to_owned());
        let registered = Condition::Compare(
            Operand::Column("userStatus".to_owned()),
            Comparison::NotEqual,
            Operand::Value(Value::from(UserStatus::Guest.as_str())),
        );
        let empty = Condition::Compare(value(), Comparison::Equal, Operand::Value(Value::from("")));
        let nothing = Condition::Any(vec![Condition::IsNull(value()), empty]);
        let query = CountQuery {
            table: USERS.to_owned(),
            condition: Some(Condition::All(vec![registered, nothing])),
            distinct: Vec::new(),
            visibility: Visibility::Everything,
        };
        match self.storage.count(&query).await? {
            0 => Ok(()),
            users => Err(without(column, &format!("{users} of them"))),
        }
    }
}

/// The column, if users could log in with such a one.
fn candidate<'c>(catalogue: &'c Catalogue, table: &str, name: &str) -> Result<&'c Column> {
    let found = clauses::table(catalogue, table)?;
    if table != USERS {
        let message = format!(
            "'identity' belongs to the columns of '{USERS}': nobody logs in with a row of '{table}'"
        );
        return Err(Error::invalid(message));
    }
    if found.relation(name).is_some() {
        let message = format!("'{name}' is a relation: users log in with a column of type STRING");
        return Err(Error::invalid(message));
    }
    let column = found.column(name);
    let Some(column) = column else {
        let message = format!(
            "there is no column '{}' in table '{USERS}'; make it first",
            names::shown(name)
        );
        return Err(Error::new(ErrorCode::ColumnMissing, message));
    };
    if column.identity {
        return Ok(column);
    }
    if column.system && !OF_THE_SYSTEM.contains(&name) {
        let message = format!(
            "users cannot log in with '{name}', which Vestibule fills in; take 'email', 'name' or a \
             column of your own"
        );
        return Err(Error::new(ErrorCode::SystemColumnProhibited, message));
    }
    if column.column_type != ColumnType::String {
        let message = format!(
            "users log in with a column of type STRING, and '{name}' is of type {}",
            column.column_type.as_str()
        );
        return Err(Error::invalid(message));
    }
    if column.default.is_some() {
        let message = format!(
            "'{name}' has a default, which two users would share; take a column without one"
        );
        return Err(Error::invalid(message));
    }
    Ok(column)
}

fn without(column: &str, who: &str) -> Error {
    let message = format!(
        "users cannot log in with '{column}' while registered users have nothing in it, and {who} \
         have nothing; give them a value first"
    );
    Error::new(ErrorCode::ColumnContradictsRows, message)
}

/// What the operator hears when the storage refused.
fn refusal(error: StorageError, column: &str) -> Error {
    match error {
        StorageError::Refused {
            precondition: Precondition::EveryUserHas(_),
        } => without(column, "some of them"),
        StorageError::Conflict {
            constraint: Constraint::Identity | Constraint::Unique { .. },
        } => {
            let message = format!(
                "users cannot log in with '{column}' while two of them have the same value in it, \
                 the case of letters apart; change one of them first"
            );
            Error::new(ErrorCode::DuplicateEntry, message)
        }
        error => error.into(),
    }
}
