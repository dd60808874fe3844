mod hostile;

use sea_query::{PostgresQueryBuilder, SqliteQueryBuilder};
use vestibule_model::{
    Access, ActivityTime, Column, ColumnType, PermissionOperation, RecordPermission, Resource,
    Selector, Session, Timestamp, User, UserStatus, Value, VerifierHash,
};
use vestibule_storage::{Condition, NewUser, UserUpdate};

use self::hostile::{
    HOSTILE, catalogue, hostile_changes, hostile_changes_of_records, hostile_changes_of_rights,
    hostile_changes_of_timers, hostile_id, hostile_reads, hostile_schema_changes, similar,
};
use super::*;

#[test]
fn no_text_of_a_caller_becomes_part_of_a_statement() {
    let lists = [
        hostile_changes(),
        hostile_changes_of_records(),
        hostile_changes_of_rights(),
        hostile_changes_of_timers(),
        hostile_schema_changes(),
    ];
    let steps = of(&lists.concat(), &catalogue()).unwrap();
    let writes = steps.into_iter().map(|step| step.statement);
    for statement in writes.chain(hostile_reads()) {
        let (sql, values) = statement.clone().build(SqliteQueryBuilder);
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
        Change::MoveLinks {
            table: item(),
            relation: hostile(),
            from: hostile_id(),
            to: hostile_id(),
        },
        Change::MoveReferences {
            table: hostile(),
            relation: hostile(),
            from: hostile_id(),
            to: hostile_id(),
        },
        Change::MoveOwnership {
            table: hostile(),
            from: hostile_id(),
            to: hostile_id(),
        },
        Change::RemoveOwned {
            table: hostile(),
            owner: hostile_id(),
            limit: 1,
        },
        Change::Require(Precondition::RecordExists {
            table: hostile(),
            id: hostile_id(),
            visibility: Visibility::Everything,
        }),
        Change::Require(Precondition::RecordIs {
            table: hostile(),
            id: hostile_id(),
            condition: Box::new(Condition::All(Vec::new())),
        }),
        Change::Require(Precondition::EveryUserHas(hostile())),
        Change::SetIdentity { column: hostile() },
        Change::PutPermission {
            grantee: Grantee::AllUsers,
            resource: Resource::Table(hostile()),
            operation: PermissionOperation::Find,
            access: Some(Access::Grant),
        },
        Change::PutRecordPermission {
            table: hostile(),
            id: hostile_id(),
            permission: RecordPermission {
                grantee: Grantee::AllUsers,
                operation: PermissionOperation::Find,
                access: Access::Grant,
            },
        },
    ];
    for change in changes {
        let refused = of(&[change], &catalogue());
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
        assert!(of(&[change], &catalogue()).unwrap().is_empty());
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
    let refused = of(&[Change::UpdateUser(update)], &catalogue());
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
    let refused = of(&[Change::Require(precondition)], &catalogue());
    assert!(
        matches!(refused, Err(StorageError::Refused { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_guest_login_is_two_statements_and_no_more() {
    let at = Timestamp::default();
    let login = |status| {
        vec![
            Change::InsertUser(NewUser {
                user: User::new(hostile_id(), status, at),
                password: None,
            }),
            Change::OpenSession(Session {
                selector: Selector::from_bytes([0; 16]),
                verifier_hash: VerifierHash::from_bytes([0; 32]),
                user_id: hostile_id(),
                created: at,
                last_used: ActivityTime::default(),
            }),
        ]
    };
    for status in [UserStatus::Guest, UserStatus::Enabled] {
        assert_eq!(2, of(&login(status), &catalogue()).unwrap().len());
    }
}

#[test]
fn whoever_claims_a_timer_locks_its_row() {
    let timer = || "shop::clean".to_owned();
    let claims = [
        Precondition::TimerIsDue {
            path: timer(),
            due: Timestamp::default(),
        },
        Precondition::TimerIsIdle {
            path: timer(),
            now: Timestamp::default(),
        },
    ];
    for claim in claims {
        let steps = of(&[Change::Require(claim)], &catalogue()).unwrap();
        let (sql, _) = steps[0].statement.clone().build(PostgresQueryBuilder);
        assert!(sql.ends_with(" FOR UPDATE"), "{sql}");
    }
}
