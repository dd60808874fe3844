//! How whole records are asked for.

use std::{collections::BTreeMap, sync::Arc};

use sea_query::{PostgresQueryBuilder, SqliteQueryBuilder, Value as Sql, Values};
use vestibule_model::{Catalogue, Column, ColumnType, ObjectId, Table, USERS};
use vestibule_sql::{Dialect, SqlCatalogue, finding};
use vestibule_storage::{
    Comparison, Condition, FindQuery, Operand, Rows, Select, Sort, Visibility, VisibleRows,
};

const ID: &str = "00000000-0000-4000-8000-000000000000";

fn whole_users() -> FindQuery {
    FindQuery {
        select: Select::WholeRecords,
        table: USERS.to_owned(),
        condition: None,
        group_by: Vec::new(),
        having: None,
        sort: Vec::new(),
        offset: 0,
        limit: 10,
        visibility: Visibility::Everything,
    }
}

fn with_id(id: &str) -> Condition {
    let column = Operand::Column("objectId".to_owned());
    Condition::Compare(column, Comparison::Equal, Operand::Value(id.into()))
}

#[test]
fn a_whole_record_has_the_columns_of_the_moment_and_never_the_password() {
    let mut users = Table::new(USERS);
    for name in ["email", "password"] {
        users.columns.push(Column::new(name, ColumnType::String));
    }
    let tables = vec![users];
    let mut catalogue = SqlCatalogue::new(Catalogue { tables }, Dialect::Sqlite);
    let whole = |catalogue: &SqlCatalogue| {
        let query = finding::find(catalogue, &whole_users()).unwrap();
        query.statement.build(SqliteQueryBuilder).0
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

#[test]
fn one_whole_record_is_asked_for_by_its_id_and_by_its_owner_if_that_decides_who_sees_it() {
    let tables = vec![Table::new(USERS)];
    let owner = ObjectId::parse(ID).unwrap();
    let owned = VisibleRows {
        tables: BTreeMap::from([(USERS.to_owned(), Rows::owned_by(&owner))]),
        rest: Rows::Nothing,
    };
    let owned = Visibility::ByTable(Arc::new(owned));
    let start = concat!(
        r#"SELECT "Users"."objectId", "Users"."ownerId", "Users"."created", "Users"."updated" "#,
        r#"FROM "Users" WHERE "Users"."objectId" = "#
    );
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let catalogue = SqlCatalogue::new(
            Catalogue {
                tables: tables.clone(),
            },
            dialect,
        );
        let one = |visibility: &Visibility| {
            let query = FindQuery {
                condition: Some(with_id("' OR 1")),
                visibility: visibility.clone(),
                ..whole_users()
            };
            let statement = finding::find(&catalogue, &query).unwrap().statement;
            match dialect {
                Dialect::Sqlite => statement.build(SqliteQueryBuilder),
                Dialect::Postgres => statement.build(PostgresQueryBuilder),
            }
        };
        let (first, second) = match dialect {
            Dialect::Sqlite => ("?", "?"),
            Dialect::Postgres => ("$1", "$2"),
        };
        let id = Sql::from("' OR 1");
        assert_eq!(
            (format!("{start}{first}"), Values(vec![id.clone()])),
            one(&Visibility::Everything)
        );
        assert_eq!(
            (
                format!(r#"{start}{first} AND "Users"."ownerId" = {second}"#),
                Values(vec![id, Sql::from(ID)])
            ),
            one(&owned)
        );
        assert!(one(&Visibility::Nothing).0.contains("FALSE"));
    }
}

#[test]
fn what_else_is_asked_of_a_record_with_an_id_is_not_forgotten() {
    let catalogue = SqlCatalogue::new(
        Catalogue {
            tables: vec![Table::new(USERS)],
        },
        Dialect::Sqlite,
    );
    let sql = |query: &FindQuery| {
        let statement = finding::find(&catalogue, query).unwrap().statement;
        statement.build(SqliteQueryBuilder)
    };
    let by_id = FindQuery {
        condition: Some(with_id(ID)),
        ..whole_users()
    };
    assert!(!sql(&by_id).0.contains("LIMIT"));
    let limit = |limit| FindQuery {
        limit,
        ..by_id.clone()
    };
    assert_eq!(sql(&limit(1)), sql(&limit(10)));
    assert!(sql(&limit(0)).0.contains("LIMIT"));
    let with_offset = FindQuery {
        offset: 1,
        ..by_id.clone()
    };
    assert!(sql(&with_offset).0.contains("OFFSET"));
    let with_output = FindQuery {
        select: Select::Records(Vec::new()),
        ..by_id.clone()
    };
    assert!(!sql(&with_output).0.contains("created"));
    let both = Condition::All(vec![with_id(ID), Condition::Not(Box::new(with_id(ID)))]);
    let with_more = FindQuery {
        condition: Some(both),
        ..by_id.clone()
    };
    assert!(sql(&with_more).0.contains("NOT"));
    let sorted_by_nothing_known = FindQuery {
        sort: vec![Sort {
            operand: Operand::Column("unknown".to_owned()),
            descending: false,
        }],
        ..by_id
    };
    assert!(finding::find(&catalogue, &sorted_by_nothing_known).is_err());
}
