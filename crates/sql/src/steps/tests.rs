use std::sync::Arc;

use sea_query::{PostgresQueryBuilder, SqliteQueryBuilder};
use serde_json::json;
use vestibule_model::{
    ActivityTime, Actor, AuditRecord, Cardinality, Column, ColumnType, KeyKind, ObjectId,
    PasswordHash, Properties, Relation, Selector, Session, Table, Timestamp, User, UserStatus,
    Value, VerifierHash,
};
use vestibule_storage::{
    Assignment, Comparison, Condition, NewRecord, NewUser, Operand, RecordUpdate, UserUpdate,
};

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
    let mut item = Table::new("Item");
    item.columns.extend([
        column("name", ColumnType::String),
        column("data", ColumnType::Json),
    ]);
    item.relations.push(similar("similar"));
    Catalogue {
        tables: vec![table, item],
    }
}

fn similar(name: &str) -> Relation {
    Relation {
        name: name.to_owned(),
        to_table: "Item".to_owned(),
        cardinality: Cardinality::OneToOne,
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

fn hostile_schema_changes() -> Vec<Change> {
    let (table, name) = ("Order".to_owned(), "Item".to_owned());
    let code = Column {
        default: Some(HOSTILE.into()),
        validator: Some(HOSTILE.to_owned()),
        unique: true,
        ..Column::new("code", ColumnType::Text)
    };
    vec![
        Change::CreateTable {
            name: table.clone(),
        },
        Change::AddColumn {
            table: table.clone(),
            column: code,
        },
        Change::AddColumn {
            table: table.clone(),
            column: Column::new("stock", ColumnType::Int),
        },
        Change::WidenColumn {
            table: table.clone(),
            column: "stock".to_owned(),
        },
        Change::AddRelation {
            table: table.clone(),
            relation: similar("items"),
        },
        Change::DropColumn {
            table: table.clone(),
            column: "code".to_owned(),
        },
        Change::DropColumn {
            table: table.clone(),
            column: "items".to_owned(),
        },
        Change::DropTable { name: table },
        Change::DropTable { name },
    ]
}

fn hostile_changes_of_records() -> Vec<Change> {
    let table = || "Item".to_owned();
    let relation = || "similar".to_owned();
    let own = || Visibility::OwnedBy(hostile_id());
    let ids = || vec![hostile_id(), hostile_id()];
    let hostile = || Operand::Value(HOSTILE.into());
    let condition = || {
        let name = Operand::Column("name".to_owned());
        let equal = Condition::Compare(name, Comparison::Equal, hostile());
        Some(Condition::Related {
            relation: relation(),
            condition: Box::new(equal),
        })
    };
    let update = || RecordUpdate {
        table: table(),
        id: hostile_id(),
        assignments: vec![
            ("name".to_owned(), Assignment::Expression(hostile())),
            ("data".to_owned(), Assignment::Value(HOSTILE.into())),
        ],
        at: Timestamp::default(),
        visibility: own(),
    };
    vec![
        Change::Require(Precondition::RecordExists {
            table: table(),
            id: hostile_id(),
            visibility: own(),
        }),
        Change::Require(Precondition::RecordUnchanged {
            table: table(),
            id: hostile_id(),
            updated: Some(Timestamp::default()),
        }),
        Change::InsertRecord(NewRecord {
            table: table(),
            id: hostile_id(),
            owner_id: Some(hostile_id()),
            at: Timestamp::default(),
            properties: [("name".to_owned(), HOSTILE.into())].into(),
        }),
        Change::UpdateRecord(update()),
        Change::UpdateRecords {
            ids: ids(),
            condition: condition(),
            update: update(),
        },
        Change::RemoveRecord {
            table: table(),
            id: hostile_id(),
            visibility: own(),
        },
        Change::RemoveRecords {
            table: table(),
            ids: ids(),
            condition: condition(),
            visibility: own(),
        },
        Change::Link {
            table: table(),
            relation: relation(),
            parent: hostile_id(),
            children: ids(),
            visibility: own(),
        },
        Change::Unlink {
            table: table(),
            relation: relation(),
            parent: hostile_id(),
            children: None,
            except: ids(),
        },
        Change::Unlink {
            table: table(),
            relation: relation(),
            parent: hostile_id(),
            children: Some(ids()),
            except: Vec::new(),
        },
    ]
}

fn hostile_reads() -> Vec<Statement> {
    let catalogue = Arc::new(catalogue());
    vec![
        users::by_id(&catalogue, &hostile_id()).select.into(),
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
    let lists = [
        hostile_changes(),
        hostile_changes_of_records(),
        hostile_schema_changes(),
    ];
    let steps = of(lists.concat(), &catalogue()).unwrap();
    let writes = steps.into_iter().map(|step| step.statement);
    for statement in writes.chain(hostile_reads()) {
        let (sql, values) = statement.build(SqliteQueryBuilder);
        assert!(!sql.contains("; --"), "{sql}");
        assert_eq!(values.0.len(), placeholders(&sql, '?'), "{sql}");
        let (sql, values) = statement.build(PostgresQueryBuilder);
        assert!(!sql.contains("; --"), "{sql}");
        assert_eq!(values.0.len(), placeholders(&sql, '$'), "{sql}");
    }
}

/// How many values are to be bound: names, which stand in quotes, have signs of their own.
fn placeholders(sql: &str, sign: char) -> usize {
    let outside_of_names = sql.split('"').step_by(2);
    outside_of_names
        .map(|part| part.matches(sign).count())
        .sum()
}

#[test]
fn what_is_no_name_gets_nowhere_near_a_statement() {
    let (item, hostile) = (|| "Item".to_owned(), || HOSTILE.to_owned());
    let changes = [
        Change::CreateTable { name: hostile() },
        Change::AddColumn {
            table: hostile(),
            column: Column::new("a", ColumnType::Int),
        },
        Change::AddColumn {
            table: item(),
            column: Column::new(HOSTILE, ColumnType::Int),
        },
        Change::AddRelation {
            table: item(),
            relation: similar(HOSTILE),
        },
        Change::WidenColumn {
            table: item(),
            column: hostile(),
        },
        Change::Link {
            table: item(),
            relation: hostile(),
            parent: hostile_id(),
            children: vec![hostile_id()],
            visibility: Visibility::Everything,
        },
        Change::Require(Precondition::RecordExists {
            table: hostile(),
            id: hostile_id(),
            visibility: Visibility::Everything,
        }),
    ];
    for change in changes {
        let refused = of(vec![change], &catalogue());
        assert!(
            matches!(
                refused,
                Err(StorageError::UnknownTable { .. } | StorageError::UnknownColumn { .. })
            ),
            "{refused:?}"
        );
    }
    for change in [
        Change::DropTable { name: hostile() },
        Change::DropColumn {
            table: item(),
            column: hostile(),
        },
    ] {
        assert!(of(vec![change], &catalogue()).unwrap().is_empty());
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
