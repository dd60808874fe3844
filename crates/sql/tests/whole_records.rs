//! How whole records are asked for.

use sea_query::SqliteQueryBuilder;
use vestibule_model::{Catalogue, Column, ColumnType, Table, USERS};
use vestibule_sql::{Dialect, SqlCatalogue, finding};
use vestibule_storage::{FindQuery, Select, Visibility};

#[test]
fn a_whole_record_has_the_columns_of_the_moment_and_never_the_password() {
    let mut users = Table::new(USERS);
    for name in ["email", "password"] {
        users.columns.push(Column::new(name, ColumnType::String));
    }
    let tables = vec![users];
    let mut catalogue = SqlCatalogue::new(Catalogue { tables }, Dialect::Sqlite);
    let whole = |catalogue: &SqlCatalogue| {
        let query = FindQuery {
            select: Select::WholeRecords,
            table: USERS.to_owned(),
            condition: None,
            group_by: Vec::new(),
            having: None,
            sort: Vec::new(),
            offset: 0,
            limit: 10,
            visibility: Visibility::Everything,
        };
        let query = finding::find(catalogue, &query).unwrap();
        query.select.build(SqliteQueryBuilder).0
    };
    let expected = concat!(
        r#"SELECT "Users"."objectId", "Users"."ownerId", "Users"."created", "Users"."updated", "#,
        r#""Users"."email" FROM "Users" ORDER BY"#
    );
    let sql = whole(&catalogue);
    assert!(sql.starts_with(expected), "{sql}");

    let before = catalogue.clone();
    let users = catalogue
        .tables
        .iter_mut()
        .find(|table| table.name == USERS);
    users
        .unwrap()
        .columns
        .push(Column::new("age", ColumnType::Int));
    let sql = whole(&catalogue);
    assert!(
        sql.contains(r#""Users"."email", "Users"."age" FROM"#),
        "{sql}"
    );
    assert!(whole(&before).starts_with(expected), "a clone is as it was");
}
