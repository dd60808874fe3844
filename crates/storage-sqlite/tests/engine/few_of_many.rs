//! Lists of a caller who may see few rows of a big table, or many.

use std::sync::Arc;

use vestibule_model::{
    Access, Cardinality, ColumnType, Grantee, ObjectId, PermissionOperation, RecordPermission,
    Relation, Row, Timestamp,
};
use vestibule_storage::{
    Change, Condition, CountQuery, FindQuery, NewRecord, Operand, Output, Records, Rows, Select,
    Sort, Storage, StorageError, Visibility, VisibleRows,
};
use vestibule_storage_sqlite::{Sqlite, SqliteOptions};

use crate::samples::*;

mod ways;

const ITEM: &str = "Item";

/// Of so many rows each is looked at if nothing better is known, which takes far more than the
/// instructions that a read here has.
const ROWS: u32 = 20_000;
const INSTRUCTIONS: u64 = 200_000;

/// A table in which Ann owns two records and Ben shares one with her, and in which half of the others
/// may be seen by whoever has the role Reader.
async fn big_table() -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let record = |name: &str, owner: &str| {
        Change::InsertRecord(NewRecord {
            table: ITEM.to_owned(),
            id: id(name),
            owner_id: Some(id(owner)),
            at: Timestamp::from_millis(1),
            properties: [].into(),
        })
    };
    let changes = vec![
        Change::CreateTable {
            name: ITEM.to_owned(),
        },
        Change::AddRelation {
            table: ITEM.to_owned(),
            relation: Relation {
                name: "next".to_owned(),
                to_table: ITEM.to_owned(),
                cardinality: Cardinality::OneToMany,
            },
        },
        record("ANNS-1", "ANN"),
        record("ANNS-2", "ANN"),
        record("SHARED", "BEN"),
        put("SHARED", Grantee::User(id("ANN")), Access::Grant),
        put(
            "ANNS-2",
            Grantee::Role("GuestUser".to_owned()),
            Access::Deny,
        ),
    ];
    storage.apply(changes).await.unwrap();
    storage.close().await;
    let many = format!(
        r#"WITH RECURSIVE number(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM number WHERE at < {ROWS})
        INSERT INTO "Item" ("objectId", "ownerId", "created")
            SELECT printf('ROW-%07d', at), 'CARL', at FROM number;
        INSERT INTO "vestibule_permission$Item" ("object_id", "operation", "grantee_kind", "grantee", "access")
            SELECT "objectId", 'FIND', 'ROLE', 'Reader', 'GRANT' FROM "Item"
            WHERE "ownerId" = 'CARL' AND "created" % 2 = 0"#
    );
    tool(folder.path()).execute_batch(&many).unwrap();
    let storage = Sqlite::open(SqliteOptions {
        read_instructions: INSTRUCTIONS,
        ..options(folder.path())
    });
    (folder, storage.unwrap())
}

fn put(record: &str, grantee: Grantee, access: Access) -> Change {
    Change::PutRecordPermission {
        table: ITEM.to_owned(),
        id: id(record),
        permission: RecordPermission {
            grantee,
            operation: PermissionOperation::Find,
            access,
        },
    }
}

fn permits(grantee: Grantee, access: Access) -> Condition {
    Condition::Permits {
        operation: PermissionOperation::Find,
        grantees: vec![grantee],
        access,
    }
}

/// What a caller with this role may see, in the form in which the layers of permissions say it.
fn seen_by(caller: &ObjectId, role: &str) -> Visibility {
    let Rows::Where(mut seen) = Rows::owned_by(caller) else {
        unreachable!("nobody owns everything")
    };
    let layers = [
        Grantee::AllRoles,
        Grantee::Role(role.to_owned()),
        Grantee::AllUsers,
        Grantee::User(caller.clone()),
    ];
    for grantee in layers {
        seen = Condition::All(vec![
            Condition::Not(Box::new(permits(grantee.clone(), Access::Deny))),
            Condition::Any(vec![permits(grantee, Access::Grant), seen]),
        ]);
    }
    Visibility::ByTable(Arc::new(VisibleRows {
        tables: [(ITEM.to_owned(), Rows::Where(seen))].into(),
        rest: Rows::Nothing,
    }))
}

fn list(visibility: Visibility) -> FindQuery {
    FindQuery {
        table: ITEM.to_owned(),
        select: Select::Records(Vec::new()),
        condition: None,
        group_by: Vec::new(),
        having: None,
        sort: Vec::new(),
        offset: 0,
        limit: 10,
        visibility,
    }
}

async fn ids(storage: &Sqlite, query: &FindQuery) -> Vec<String> {
    let rows = storage.find(query).await.unwrap();
    let ids = rows.into_iter().map(|row| match row {
        Row::Record(record) => record.id().as_str().to_owned(),
        Row::Computed { .. } => unreachable!("records were asked for"),
    });
    ids.collect()
}

#[tokio::test]
async fn whoever_sees_few_rows_of_a_big_table_waits_for_those_few_only() {
    let (_folder, storage) = big_table().await;
    for (role, seen) in [
        ("RestUser", vec!["SHARED", "ANNS-2", "ANNS-1"]),
        ("GuestUser", vec!["SHARED", "ANNS-1"]),
    ] {
        let query = list(seen_by(&id("ANN"), role));
        assert_eq!(seen, ids(&storage, &query).await);
        let unsorted = Operand::Column("ownerId".to_owned());
        let sort = |operand| Sort {
            operand,
            descending: true,
        };
        for operand in ["created", "updated"] {
            let sorted = FindQuery {
                sort: vec![sort(Operand::Column(operand.to_owned()))],
                ..query.clone()
            };
            assert_eq!(seen, ids(&storage, &sorted).await);
        }
        let count = CountQuery {
            table: ITEM.to_owned(),
            condition: None,
            distinct: Vec::new(),
            visibility: query.visibility.clone(),
        };
        assert_eq!(seen.len() as u64, storage.count(&count).await.unwrap());
        let groups = FindQuery {
            select: Select::Computed {
                outputs: vec![Output {
                    name: "ownerId".to_owned(),
                    operand: unsorted.clone(),
                    column_type: ColumnType::String,
                }],
                distinct: false,
            },
            group_by: vec![unsorted],
            ..query
        };
        assert_eq!(2, storage.find(&groups).await.unwrap().len());
    }
}

#[tokio::test]
async fn whoever_sees_many_rows_of_a_big_table_waits_for_a_page_only() {
    let (_folder, storage) = big_table().await;
    let mut query = list(seen_by(&id("BEN"), "Reader"));
    query.limit = 3;
    let last = ["SHARED", "ROW-0020000", "ROW-0019998"];
    assert_eq!(last, *ids(&storage, &query).await);
}

#[tokio::test]
async fn a_clause_beside_a_long_rule_is_no_more_than_the_database_can_take() {
    let (_folder, storage) = big_table().await;
    let says = |access| Condition::Permits {
        operation: PermissionOperation::Find,
        grantees: (0..300)
            .map(|number| Grantee::Role(format!("Role {number}")))
            .chain([Grantee::User(id("ANN"))])
            .collect(),
        access,
    };
    let seen = Condition::All(vec![
        Condition::Not(Box::new(says(Access::Deny))),
        says(Access::Grant),
    ]);
    let mut query = list(Visibility::ByTable(Arc::new(VisibleRows {
        tables: [].into(),
        rest: Rows::Where(seen),
    })));
    let like = |number: u32| {
        let pattern = Operand::Value(format!("%{number}").as_str().into());
        Condition::Like(Operand::Column("ownerId".to_owned()), pattern)
    };
    // What may be seen is said once for all of them.
    let any = Condition::Any((0..500).map(like).collect());
    query.condition = Some(Condition::Not(Box::new(any)));
    assert_eq!(["SHARED"], *ids(&storage, &query).await);
    // Each of these looks at rows of its own, and says it again.
    let through = |number: u32| Condition::Related {
        relation: "next".to_owned(),
        condition: Box::new(like(number)),
    };
    query.condition = Some(Condition::Any((0..500).map(through).collect()));
    let found = storage.find(&query).await;
    assert!(
        matches!(found, Err(StorageError::TooExpensive)),
        "{found:?}"
    );
}
