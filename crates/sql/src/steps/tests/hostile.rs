//! Changes and reads in which every text is one that would do harm as a part of a statement.

mod timers;

use serde_json::json;
use vestibule_model::{
    Access, ActivityTime, Actor, AuditRecord, Cardinality, Catalogue, Column, ColumnType, Grantee,
    KeyKind, LinkPurpose, ObjectId, OneTimeLink, PasswordHash, PermissionOperation, Properties,
    RecordPermission, Relation, Resource, Selector, Session, Table, Timestamp, User, UserStatus,
    Value, VerifierHash,
};
use vestibule_storage::{
    Assignment, Change, Comparison, Condition, Expiry, GonePlace, GoneQuery, NewRecord, NewUser,
    Operand, Precondition, RecordUpdate, UserUpdate, Visibility,
};

pub(super) use self::timers::hostile_changes_of_timers;
use crate::{
    Dialect, SqlCatalogue, Statement, gone, one_time_links, owning, roles, sessions, users,
};

/// A text that would do harm as a part of a statement, in any dialect.
pub(super) const HOSTILE: &str = "x'\"; DROP TABLE y; --";

pub(super) fn catalogue() -> SqlCatalogue {
    let column = |name: &str, column_type| Column {
        identity: name == "email",
        ..Column::new(name, column_type)
    };
    let columns = vec![
        column("email", ColumnType::String),
        column("nick", ColumnType::String),
        column("data", ColumnType::Json),
    ];
    let table = Table {
        record_permissions: true,
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
    let catalogue = Catalogue {
        tables: vec![table, item],
    };
    SqlCatalogue::new(catalogue, Dialect::Sqlite)
}

pub(super) fn similar(name: &str) -> Relation {
    Relation {
        name: name.to_owned(),
        to_table: "Item".to_owned(),
        cardinality: Cardinality::OneToOne,
    }
}

pub(super) fn hostile_id() -> ObjectId {
    ObjectId::parse(HOSTILE).unwrap()
}

fn hostile_properties() -> Properties {
    [
        ("email".to_owned(), Value::from(HOSTILE)),
        ("data".to_owned(), Value::Json(json!({HOSTILE: HOSTILE}))),
    ]
    .into()
}

pub(super) fn hostile_changes() -> Vec<Change> {
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
        Change::EndDeadSessions {
            selectors: vec![selector],
            expiry: died(),
        },
        Change::EndSessionsOf {
            user_id: hostile_id(),
            except: Some(selector),
        },
        Change::Require(Precondition::OwnsNothing(hostile_id())),
        Change::Require(Precondition::GuestIsGone {
            id: hostile_id(),
            expiry: died(),
            now: at,
        }),
        Change::KeepGuest {
            id: hostile_id(),
            until: at,
        },
        Change::MoveSessions {
            from: hostile_id(),
            to: hostile_id(),
        },
        Change::RecordActivity(vec![(selector, active)]),
        Change::Require(Precondition::AppIsNew),
        Change::Require(Precondition::LeaseIsFree {
            name: HOSTILE.to_owned(),
            holder: hostile_id(),
            now: at,
        }),
        Change::TakeLease {
            name: HOSTILE.to_owned(),
            holder: hostile_id(),
            until: at,
        },
        Change::RecordHeartbeat {
            at: active,
            wall: at,
        },
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

pub(super) fn hostile_schema_changes() -> Vec<Change> {
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

pub(super) fn hostile_changes_of_records() -> Vec<Change> {
    let table = || "Item".to_owned();
    let relation = || "similar".to_owned();
    let own = || Visibility::owned_by(&hostile_id());
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
        Change::MoveLinks {
            table: table(),
            relation: relation(),
            from: ObjectId::parse("G").unwrap(),
            to: hostile_id(),
        },
        Change::MoveReferences {
            table: table(),
            relation: relation(),
            from: hostile_id(),
            to: ObjectId::parse("G").unwrap(),
        },
        Change::MoveOwnership {
            table: table(),
            from: hostile_id(),
            to: hostile_id(),
        },
        Change::MoveOwnership {
            table: "Users".to_owned(),
            from: hostile_id(),
            to: hostile_id(),
        },
        Change::RemoveOwned {
            table: table(),
            owner: hostile_id(),
            limit: 1,
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

/// Changes of roles, permissions, one-time links and the identity.
pub(super) fn hostile_changes_of_rights() -> Vec<Change> {
    let hostile = || HOSTILE.to_owned();
    let grantees = || {
        vec![
            Grantee::Role(hostile()),
            Grantee::AllRoles,
            Grantee::User(hostile_id()),
            Grantee::AllUsers,
            Grantee::Owner,
        ]
    };
    let permitted = Condition::Permits {
        operation: PermissionOperation::Find,
        grantees: grantees(),
        access: Access::Deny,
    };
    let link = OneTimeLink {
        selector: Selector::from_bytes([0; 16]),
        verifier_hash: VerifierHash::from_bytes([0; 32]),
        user_id: hostile_id(),
        purpose: LinkPurpose::RestorePassword,
        email: hostile(),
        created: Timestamp::default(),
        expires: Timestamp::default(),
    };
    let mut changes = vec![
        Change::Require(Precondition::RoleExists(hostile())),
        Change::Require(Precondition::EveryUserHas("nick".to_owned())),
        Change::Require(Precondition::OneTimeLinkExists(link.selector)),
        Change::Require(Precondition::RecordIs {
            table: "Users".to_owned(),
            id: hostile_id(),
            condition: Box::new(Condition::All(vec![
                permitted,
                Condition::HasRole(hostile()),
            ])),
        }),
        Change::CreateRole { name: hostile() },
        Change::AssignRole {
            user_id: hostile_id(),
            role: hostile(),
        },
        Change::UnassignRole {
            user_id: hostile_id(),
            role: hostile(),
        },
        Change::DropRole { name: hostile() },
        Change::PutOneTimeLink(link),
        Change::RemoveOneTimeLinks {
            user_id: hostile_id(),
            purpose: LinkPurpose::ConfirmEmail,
        },
        Change::RemoveExpiredOneTimeLinks {
            now: Timestamp::default(),
        },
        Change::ConfirmEmail {
            id: hostile_id(),
            at: Timestamp::default(),
        },
    ];
    for grantee in grantees() {
        for access in [Some(Access::Grant), None] {
            changes.push(Change::PutPermission {
                grantee: grantee.clone(),
                resource: Resource::Service(hostile()),
                operation: PermissionOperation::Execute,
                access,
            });
        }
        for table in ["Users", "Item"] {
            changes.push(Change::PutRecordPermission {
                table: table.to_owned(),
                id: hostile_id(),
                permission: RecordPermission {
                    grantee: grantee.clone(),
                    operation: PermissionOperation::Update,
                    access: Access::Grant,
                },
            });
        }
    }
    changes.extend(["nick", "email"].map(|column| Change::SetIdentity {
        column: column.to_owned(),
    }));
    changes
}

fn died() -> Expiry {
    Expiry {
        last_used: Some(ActivityTime::default()),
        created: Some(Timestamp::default()),
    }
}

pub(super) fn hostile_reads() -> Vec<Statement> {
    let catalogue = catalogue();
    let tables = owning::parts(&catalogue).concat();
    let gone = |after| {
        let query = GoneQuery {
            expiry: died(),
            now: Timestamp::default(),
            after: Some(after),
            limit: 1,
        };
        gone::candidates(&query).unwrap().statement
    };
    let selector = Selector::from_bytes([0; 16]);
    vec![
        gone(GonePlace::Departed(hostile_id())),
        gone(GonePlace::Unused(Some((ActivityTime::default(), selector)))),
        gone(GonePlace::Old(Some((Timestamp::default(), selector)))),
        gone::kept(Some(&hostile_id()), 1).statement,
        gone::slice(Some(&hostile_id()), 1).statement,
        owning::rows_in(&catalogue, &tables, &hostile_id()).statement,
        owning::owners_in(&catalogue, &tables, &[hostile_id()]).statement,
        users::by_id(&catalogue, &hostile_id()).statement,
        users::account_by_id(&catalogue, &hostile_id()).statement,
        users::account_by_identity(&catalogue, HOSTILE).statement,
        sessions::of_user(&hostile_id()).statement,
        roles::of_users(&[hostile_id()]).statement,
        one_time_links::of_user(&hostile_id(), LinkPurpose::ConfirmEmail).statement,
    ]
}
