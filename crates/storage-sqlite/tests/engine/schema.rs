//! What changes of the schema leave in the file, for people who look at it with their own tools.

use rusqlite::Connection;
use vestibule_model::{Cardinality, Column, ColumnType, Relation, USERS};
use vestibule_storage::{Change, NewRecord, Storage, Users};
use vestibule_storage_sqlite::Sqlite;

use crate::samples::*;

fn create(name: &str) -> Change {
    Change::CreateTable {
        name: name.to_owned(),
    }
}

fn add(table: &str, column: Column) -> Change {
    Change::AddColumn {
        table: table.to_owned(),
        column,
    }
}

fn relate(name: &str, cardinality: Cardinality) -> Change {
    Change::AddRelation {
        table: "Order".to_owned(),
        relation: Relation {
            name: name.to_owned(),
            to_table: USERS.to_owned(),
            cardinality,
        },
    }
}

fn order(name: &str, total: i64) -> Change {
    Change::InsertRecord(NewRecord {
        table: "Order".to_owned(),
        id: id(name),
        owner_id: None,
        at: vestibule_model::Timestamp::from_millis(1),
        properties: [("total".to_owned(), total.into())].into(),
    })
}

/// The statements that made what has `Order` in its name.
fn schema(tool: &Connection) -> Vec<String> {
    let mut statement = tool
        .prepare(
            "SELECT sql FROM sqlite_schema
             WHERE name LIKE '%Order%' AND sql IS NOT NULL ORDER BY type DESC, name",
        )
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn tables_are_real_tables_with_real_columns() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let mut changes = vec![create("Order")];
    for column_type in ColumnType::ALL {
        let name = column_type.as_str().to_lowercase();
        changes.push(add("Order", Column::new(name, column_type)));
    }
    let code = Column {
        unique: true,
        ..Column::new("code", ColumnType::String)
    };
    changes.push(add("Order", code));
    changes.push(relate("customer", Cardinality::OneToOne));
    storage.apply(changes).await.unwrap();
    storage.close().await;
    assert_eq!(
        [
            r#"CREATE TABLE "Order" ( "objectId" text NOT NULL PRIMARY KEY, "ownerId" text, "created" integer NOT NULL, "updated" integer , "string" text, "text" text, "string_id" text, "int" integer, "double" double, "boolean" boolean, "datetime" integer, "json" json_text, "code" text) WITHOUT ROWID"#,
            r#"CREATE TABLE "vestibule_link$Order$customer" ( "parent" text NOT NULL, "child" text NOT NULL, PRIMARY KEY ("parent", "child"), FOREIGN KEY ("parent") REFERENCES "Order" ("objectId") ON DELETE CASCADE, FOREIGN KEY ("child") REFERENCES "Users" ("objectId") ON DELETE CASCADE ) WITHOUT ROWID"#,
            r#"CREATE UNIQUE INDEX "vestibule_index$Order$code" ON "Order" ("code")"#,
            r#"CREATE INDEX "vestibule_index$Order$created" ON "Order" ("created")"#,
            r#"CREATE INDEX "vestibule_index$Order$ownerId" ON "Order" ("ownerId")"#,
            r#"CREATE INDEX "vestibule_index$vestibule_link$Order$customer$child" ON "vestibule_link$Order$customer" ("child", "parent")"#,
            r#"CREATE UNIQUE INDEX "vestibule_index$vestibule_link$Order$customer$parent" ON "vestibule_link$Order$customer" ("parent")"#,
        ],
        *schema(&tool(folder.path()))
    );
}

#[tokio::test]
async fn a_removed_table_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let changes = vec![
        create("Order"),
        relate("customer", Cardinality::OneToOne),
        relate("friends", Cardinality::OneToMany),
        Change::DropTable {
            name: "Order".to_owned(),
        },
    ];
    storage.apply(changes).await.unwrap();
    storage.close().await;
    let tool = tool(folder.path());
    assert!(schema(&tool).is_empty());
    let described = "SELECT (SELECT count(*) FROM vestibule_table)
         + (SELECT count(*) FROM vestibule_column WHERE table_name <> 'Users')
         + (SELECT count(*) FROM vestibule_relation)";
    let rows: i64 = tool.query_row(described, [], |row| row.get(0)).unwrap();
    assert_eq!(1, rows, "the table of users");
}

#[tokio::test]
async fn no_name_of_ours_is_in_the_way_of_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let names = [
        "Users_email",
        "Users_owned_by_others",
        "Order",
        "Select",
        "index",
        "Group",
    ];
    let changes: Vec<_> = names.into_iter().map(create).collect();
    storage.apply(changes).await.unwrap();
    assert_eq!(
        1 + names.len(),
        storage.catalogue().await.unwrap().tables.len()
    );
}

#[tokio::test]
async fn a_widened_column_keeps_its_rows_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let changes = vec![
        create("Order"),
        add("Order", Column::new("total", ColumnType::Int)),
        order("A", i64::MAX),
        Change::WidenColumn {
            table: "Order".to_owned(),
            column: "total".to_owned(),
        },
    ];
    storage.apply(changes).await.unwrap();
    storage.close().await;
    let total: i64 = tool(folder.path())
        .query_row(r#"SELECT "total" FROM "Order""#, [], |row| row.get(0))
        .unwrap();
    assert_eq!(i64::MAX, total);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_users_do_not_notice_that_columns_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    storage.apply(vec![insert(guest("G"))]).await.unwrap();
    let reading = tokio::spawn({
        let storage: std::sync::Arc<Sqlite> = std::sync::Arc::clone(&storage);
        async move {
            let mut reads = 0;
            // The last column is there to say that it is enough.
            while storage.catalogue().await.unwrap().tables.len() == 1 {
                assert!(storage.user(&id("G")).await.unwrap().is_some());
                reads += 1;
            }
            reads
        }
    });
    for _ in 0..50 {
        let column = add(USERS, Column::new("nick", ColumnType::Text));
        storage.apply(vec![column]).await.unwrap();
        let column = Change::DropColumn {
            table: USERS.to_owned(),
            column: "nick".to_owned(),
        };
        storage.apply(vec![column]).await.unwrap();
    }
    storage.apply(vec![create("End")]).await.unwrap();
    assert!(reading.await.unwrap() > 0);
}
