//! Columns that an operator added: no schema change is needed to read and write them.

use serde_json::json;
use vestibule_model::{User, Value};
use vestibule_storage::{Change, Constraint, Storage, StorageError, UserUpdate, Users};
use vestibule_storage_sqlite::Sqlite;

use crate::samples::*;

/// A database whose users have one more column of each type.
async fn with_columns(folder: &std::path::Path) -> Sqlite {
    open(folder).close().await;
    tool(folder)
        .execute_batch(
            r#"
            ALTER TABLE "Users" ADD COLUMN "age" INTEGER;
            ALTER TABLE "Users" ADD COLUMN "weight" REAL;
            ALTER TABLE "Users" ADD COLUMN "happy" INTEGER;
            ALTER TABLE "Users" ADD COLUMN "born" INTEGER;
            ALTER TABLE "Users" ADD COLUMN "count" TEXT;
            ALTER TABLE "Users" ADD COLUMN "a ""quoted"" name" TEXT;
            CREATE UNIQUE INDEX nick ON "Users" ("count") WHERE "count" IS NOT NULL;
            INSERT INTO vestibule_column (
                table_name, position, name, type, size,
                is_required, is_unique, is_indexed, is_system, is_identity
            ) VALUES
                ('Users', 14, 'age', 'INT', NULL, 0, 0, 0, 0, 0),
                ('Users', 15, 'weight', 'DOUBLE', NULL, 0, 0, 0, 0, 0),
                ('Users', 16, 'happy', 'BOOLEAN', NULL, 0, 0, 0, 0, 0),
                ('Users', 17, 'born', 'DATETIME', NULL, 0, 0, 0, 0, 0),
                ('Users', 18, 'count', 'TEXT', NULL, 0, 1, 1, 0, 0),
                ('Users', 19, 'a "quoted" name', 'JSON', NULL, 0, 0, 0, 0, 0);
            "#,
        )
        .unwrap();
    Sqlite::open(options(folder)).unwrap()
}

fn filled(name: &str) -> User {
    let mut user = guest(name);
    for (column, value) in [
        ("age", Value::from(i64::MAX)),
        ("weight", Value::from(61.5)),
        ("happy", Value::from(true)),
        ("born", Value::from(-1)),
        ("count", Value::from("zoë")),
        ("a \"quoted\" name", Value::Json(json!([1.5, "x"]))),
    ] {
        user.properties.insert(column.to_owned(), value);
    }
    user
}

#[tokio::test]
async fn values_of_every_type_survive() {
    let folder = tempfile::tempdir().unwrap();
    let storage = with_columns(folder.path()).await;
    let user = filled("G");
    storage.apply(vec![insert(user.clone())]).await.unwrap();
    let read = storage.user(&id("G")).await.unwrap().unwrap();
    let account = storage.account(&id("G")).await.unwrap().unwrap();
    for (column, value) in &user.properties {
        assert_eq!(value, &read.properties[column]);
        // This read joins a table that has a column `count` as well.
        assert_eq!(value, &account.user.properties[column]);
    }
}

#[tokio::test]
async fn a_unique_column_is_named_when_it_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let storage = with_columns(folder.path()).await;
    let changes = vec![insert(filled("G")), insert(guest("H"))];
    storage.apply(changes).await.unwrap();
    let update = UserUpdate {
        id: id("H"),
        properties: [("count".to_owned(), "zoë".into())].into(),
        password: None,
        at: vestibule_model::Timestamp::from_millis(2),
    };
    let conflict = storage.apply(vec![Change::UpdateUser(update)]).await;
    let expected = Constraint::Unique {
        table: "Users".to_owned(),
        column: "count".to_owned(),
    };
    assert!(
        matches!(&conflict, Err(StorageError::Conflict { constraint }) if *constraint == expected),
        "{conflict:?}"
    );
}
