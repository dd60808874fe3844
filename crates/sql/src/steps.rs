//! From changes to the steps that make them, once for every engine.

use vestibule_model::Catalogue;
use vestibule_storage::{Change, Precondition, StorageError};

use crate::{Step, Then, app, audit, failed_logins, preconditions, sessions, users};

/// The steps that make `changes`, in their order. An engine runs all of them or none.
///
/// This needs no database, so engines call it before the changes wait for their turn.
///
/// # Errors
/// [`StorageError::UnknownColumn`] and [`StorageError::WrongType`] for properties that the
/// catalogue does not know or that cannot be what it says; [`StorageError::Refused`] for a
/// precondition that holds in no database.
pub fn of(changes: Vec<Change>, catalogue: &Catalogue) -> Result<Vec<Step>, StorageError> {
    let mut steps = Vec::with_capacity(changes.len());
    for change in changes {
        push(change, catalogue, &mut steps)?;
    }
    Ok(steps)
}

fn push(change: Change, catalogue: &Catalogue, steps: &mut Vec<Step>) -> Result<(), StorageError> {
    match change {
        Change::Require(precondition) => steps.push(preconditions::step(precondition)?),
        Change::InsertUser(new_user) => {
            let id = new_user.user.id().clone();
            let insert = users::insert(catalogue, &new_user)?;
            steps.push(Step::new(insert, Then::Inserts(id)));
        }
        Change::UpdateUser(update) => {
            let exists = Precondition::UserExists(update.id.clone());
            let update = users::update(catalogue, &update)?;
            steps.push(Step::new(update, Then::ChangesOne(exists)));
        }
        Change::SetUserStatus { id, status, at } => {
            let update = users::set_status(&id, status, at);
            let exists = Precondition::UserExists(id);
            steps.push(Step::new(update, Then::ChangesOne(exists)));
        }
        Change::RemoveUser { id } => {
            let end_sessions = sessions::end_all_of(&id, None);
            steps.push(Step::new(end_sessions, Then::CollectsEnded));
            steps.push(Step::new(failed_logins::forget(&id), Then::GoOn));
            steps.push(Step::new(users::remove(&id), Then::GoOn));
        }
        Change::RecordLogin { id, at } => {
            steps.push(Step::new(users::record_login(&id, at), Then::GoOn));
        }
        Change::CountFailedLogin { user_id, at, since } => {
            let count = failed_logins::count(&user_id, at, since);
            steps.push(Step::new(count, Then::GoOn));
        }
        Change::ForgetFailedLogins { user_id } => {
            steps.push(Step::new(failed_logins::forget(&user_id), Then::GoOn));
        }
        Change::OpenSession(session) => {
            let exists = Precondition::UserExists(session.user_id.clone());
            steps.push(Step::new(
                sessions::insert(&session),
                Then::RefersTo(exists),
            ));
        }
        Change::EndSessions(selectors) => {
            let ends = selectors.into_iter().map(sessions::end);
            steps.extend(ends.map(|end| Step::new(end, Then::GoOn)));
        }
        Change::EndSessionsOf { user_id, except } => {
            let end_sessions = sessions::end_all_of(&user_id, except);
            steps.push(Step::new(end_sessions, Then::CollectsEnded));
        }
        Change::RecordActivity(times) => {
            let records = times
                .into_iter()
                .map(|(selector, at)| sessions::record_activity(selector, at));
            steps.extend(records.map(|record| Step::new(record, Then::GoOn)));
        }
        Change::RecordHeartbeat(at) => {
            steps.push(Step::new(sessions::record_heartbeat(at), Then::GoOn));
        }
        Change::RecordStart(at) => {
            steps.push(Step::new(sessions::record_start(at), Then::GoOn));
        }
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::AddColumn { .. }
        | Change::WidenColumn { .. }
        | Change::DropColumn { .. }
        | Change::AddRelation { .. }
        | Change::InsertRecord(_)
        | Change::UpdateRecord(_)
        | Change::UpdateRecords { .. }
        | Change::RemoveRecord { .. }
        | Change::RemoveRecords { .. }
        | Change::Link { .. }
        | Change::Unlink { .. } => return Err(StorageError::SchemaChanged),
        Change::Audit(record) => steps.push(Step::new(audit::insert(&record), Then::GoOn)),
        Change::PutAppId(id) => steps.push(Step::new(app::put_app_id(&id), Then::GoOn)),
        Change::PutKey { kind, key } => {
            steps.push(Step::new(app::put_key(kind, &key), Then::GoOn));
        }
        Change::PutAdminTokenHash(hash) => {
            steps.push(Step::new(app::put_admin_token_hash(&hash), Then::GoOn));
        }
        Change::PutSettings(settings) => {
            let puts = settings
                .iter()
                .map(|(key, value)| app::put_setting(key, value));
            steps.extend(puts.map(|put| Step::new(put, Then::GoOn)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sea_query::{PostgresQueryBuilder, SqliteQueryBuilder};
    use serde_json::json;
    use vestibule_model::{
        ActivityTime, Actor, AuditRecord, Column, ColumnType, KeyKind, ObjectId, PasswordHash,
        Properties, Selector, Session, Table, Timestamp, User, UserStatus, Value, VerifierHash,
    };
    use vestibule_storage::{NewUser, UserQuery, UserUpdate};

    use super::*;
    use crate::Statement;

    /// A text that would do harm as a part of a statement, in any dialect.
    const HOSTILE: &str = "x'\"; DROP TABLE y; --";

    fn catalogue() -> Catalogue {
        let column = |name: &str, column_type| Column {
            identity: name == "email",
            ..Column::new(name, column_type)
        };
        let columns = vec![
            column("email", ColumnType::String),
            column("data", ColumnType::Json),
        ];
        let table = Table {
            name: "Users".to_owned(),
            system: true,
            columns,
            relations: Vec::new(),
        };
        Catalogue {
            tables: vec![table],
        }
    }

    fn hostile_id() -> ObjectId {
        ObjectId::parse(HOSTILE).unwrap()
    }

    fn hostile_properties() -> Properties {
        [
            ("email".to_owned(), Value::from(HOSTILE)),
            ("data".to_owned(), Value::Json(json!({HOSTILE: HOSTILE}))),
        ]
        .into()
    }

    fn hostile_changes() -> Vec<Change> {
        let (at, active) = (Timestamp::default(), ActivityTime::default());
        let selector = Selector::from_bytes([0; 16]);
        let password = Some(PasswordHash::from_phc(HOSTILE.to_owned()));
        let mut user = User::new(hostile_id(), UserStatus::Guest, at);
        user.properties = hostile_properties();
        vec![
            Change::Require(Precondition::UserExists(hostile_id())),
            Change::Require(Precondition::UserStatusIs(hostile_id(), UserStatus::Guest)),
            Change::Require(Precondition::PasswordIs(hostile_id(), password.clone())),
            Change::Require(Precondition::PasswordIs(hostile_id(), None)),
            Change::Require(Precondition::SessionsAre(hostile_id(), vec![selector])),
            Change::Require(Precondition::FewerFailedLogins {
                user_id: hostile_id(),
                than: 1,
                since: active,
            }),
            Change::InsertUser(NewUser {
                user,
                password: password.clone(),
            }),
            Change::UpdateUser(UserUpdate {
                id: hostile_id(),
                properties: hostile_properties(),
                password,
                at,
            }),
            Change::SetUserStatus {
                id: hostile_id(),
                status: UserStatus::Enabled,
                at,
            },
            Change::RemoveUser { id: hostile_id() },
            Change::RecordLogin {
                id: hostile_id(),
                at,
            },
            Change::CountFailedLogin {
                user_id: hostile_id(),
                at: active,
                since: active,
            },
            Change::ForgetFailedLogins {
                user_id: hostile_id(),
            },
            Change::OpenSession(Session {
                selector,
                verifier_hash: VerifierHash::from_bytes([0; 32]),
                user_id: hostile_id(),
                created: at,
                last_used: active,
            }),
            Change::EndSessions(vec![selector]),
            Change::EndSessionsOf {
                user_id: hostile_id(),
                except: Some(selector),
            },
            Change::RecordActivity(vec![(selector, active)]),
            Change::RecordHeartbeat(active),
            Change::RecordStart(active),
            Change::Audit(AuditRecord {
                at,
                actor: Actor::Handler(HOSTILE.to_owned()),
                action: HOSTILE.to_owned(),
                subject: Some(hostile_id()),
                caller: Some(hostile_id()),
            }),
            Change::PutAppId(HOSTILE.to_owned()),
            Change::PutKey {
                kind: KeyKind::Js,
                key: HOSTILE.to_owned(),
            },
            Change::PutAdminTokenHash([0; 32]),
            Change::PutSettings(vec![(HOSTILE.to_owned(), HOSTILE.into())]),
        ]
    }

    fn hostile_reads() -> Vec<Statement> {
        let catalogue = Arc::new(catalogue());
        let query = UserQuery {
            owner_id: Some(hostile_id()),
            offset: 1,
            page_size: 1,
        };
        vec![
            users::by_id(&catalogue, &hostile_id()).select.into(),
            users::page(&catalogue, &query).select.into(),
            users::account_by_id(&catalogue, &hostile_id())
                .select
                .into(),
            users::account_by_identity(&catalogue, HOSTILE)
                .select
                .into(),
            sessions::of_user(&hostile_id()).select.into(),
        ]
    }

    #[test]
    fn no_text_of_a_caller_becomes_part_of_a_statement() {
        let steps = of(hostile_changes(), &catalogue()).unwrap();
        let writes = steps.into_iter().map(|step| step.statement);
        for statement in writes.chain(hostile_reads()) {
            let (sql, values) = statement.build(SqliteQueryBuilder);
            assert!(!sql.contains("DROP"), "{sql}");
            assert_eq!(values.0.len(), sql.matches('?').count(), "{sql}");
            let (sql, values) = statement.build(PostgresQueryBuilder);
            assert!(!sql.contains("DROP"), "{sql}");
            assert_eq!(values.0.len(), sql.matches('$').count(), "{sql}");
        }
    }

    #[test]
    fn the_name_of_an_unknown_column_gets_nowhere_near_a_statement() {
        let update = UserUpdate {
            id: hostile_id(),
            properties: [(HOSTILE.to_owned(), Value::Null)].into(),
            password: None,
            at: Timestamp::default(),
        };
        let refused = of(vec![Change::UpdateUser(update)], &catalogue());
        assert!(
            matches!(refused, Err(StorageError::UnknownColumn { .. })),
            "{refused:?}"
        );
    }

    #[test]
    fn nobody_has_fewer_failed_logins_than_none() {
        let precondition = Precondition::FewerFailedLogins {
            user_id: hostile_id(),
            than: 0,
            since: ActivityTime::default(),
        };
        let refused = of(vec![Change::Require(precondition)], &catalogue());
        assert!(
            matches!(refused, Err(StorageError::Refused { .. })),
            "{refused:?}"
        );
    }
}
