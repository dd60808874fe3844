//! What somebody may see, and how statements say it.

use std::sync::Arc;

use sea_query::SqliteQueryBuilder;
use vestibule_model::{
    Cardinality, Catalogue, Column, ColumnType, ObjectId, Relation, Table, USERS,
};
use vestibule_sql::{Dialect, SqlCatalogue, finding};
use vestibule_storage::{
    Comparison, Condition, FindQuery, Operand, Rows, Select, StorageError, Visibility, VisibleRows,
};

fn catalogue() -> SqlCatalogue {
    let mut users = Table::new(USERS);
    users.columns.push(Column::new("email", ColumnType::String));
    let mut order = Table::new("Order");
    order
        .columns
        .push(Column::new("string", ColumnType::String));
    order.relations.push(Relation {
        name: "customer".to_owned(),
        to_table: USERS.to_owned(),
        cardinality: Cardinality::OneToOne,
    });
    let catalogue = Catalogue {
        tables: vec![order, users],
    };
    SqlCatalogue::new(catalogue, Dialect::Sqlite)
}

fn column(name: &str) -> Operand {
    Operand::Column(name.to_owned())
}

fn value(value: &str) -> Operand {
    Operand::Value(value.into())
}

fn equal(name: &str, other: &str) -> Condition {
    Condition::Compare(column(name), Comparison::Equal, value(other))
}

/// Everything of this table.
fn all_of(table: &str) -> FindQuery {
    FindQuery {
        table: table.to_owned(),
        select: Select::Records(Vec::new()),
        condition: None,
        group_by: Vec::new(),
        having: None,
        sort: Vec::new(),
        offset: 0,
        limit: 10,
        visibility: Visibility::Everything,
    }
}

fn matching(table: &str, condition: Condition) -> FindQuery {
    FindQuery {
        condition: Some(condition),
        ..all_of(table)
    }
}

fn find(query: &FindQuery) -> Result<String, StorageError> {
    let query = finding::find(&catalogue(), query);
    query.map(|query| query.statement.build(SqliteQueryBuilder).0)
}

#[test]
fn the_rows_of_an_owner_are_looked_for_by_index_and_otherwise_just_compared() {
    let owned = || Visibility::owned_by(&ObjectId::parse("OWNER").unwrap());
    let by_index = concat!(
        r#"("Users"."objectId" = ? AND "Users"."ownerId" = ?) OR "#,
        r#"("Users"."ownerId" = ? AND "Users"."ownerId" <> "Users"."objectId")"#
    );
    let mut query = all_of(USERS);
    query.visibility = owned();
    let sql = find(&query).unwrap();
    assert!(sql.contains(&format!("WHERE {by_index} ORDER")), "{sql}");
    // A clause of a client says the same as what may be seen.
    let sql = find(&matching(USERS, equal("ownerId", "OWNER"))).unwrap();
    assert!(sql.contains(by_index), "{sql}");
    // In a guard there is a row at hand, and in a group there is none.
    query.condition = Some(Condition::Like(column("email"), value("a%")));
    let sql = find(&query).unwrap();
    let guard = r#"CASE WHEN ("Users"."ownerId" = ?) THEN "Users"."email" LIKE ?"#;
    assert!(sql.contains(guard), "{sql}");
    let mut groups = all_of(USERS);
    groups.group_by = vec![column("ownerId")];
    groups.having = Some(equal("ownerId", "OWNER"));
    let sql = find(&groups).unwrap();
    assert!(sql.contains(r#"HAVING "Users"."ownerId" = ?"#), "{sql}");
    let through = Condition::Related {
        relation: "customer".to_owned(),
        condition: Box::new(equal("ownerId", "OWNER")),
    };
    let sql = find(&matching("Order", through)).unwrap();
    assert_eq!(1, sql.matches(r#""ownerId" = ?"#).count(), "{sql}");
}

#[test]
fn a_row_that_is_named_by_its_id_is_not_looked_for_by_its_owner() {
    let mut query = matching(USERS, equal("objectId", "R"));
    query.visibility = Visibility::owned_by(&ObjectId::parse("OWNER").unwrap());
    let sql = find(&query).unwrap();
    let expected = r#"WHERE "Users"."ownerId" = ? AND "Users"."objectId" = ? ORDER"#;
    assert!(sql.contains(expected), "{sql}");
}

#[test]
fn what_guards_is_not_guarded_by_itself() {
    let pattern = || Condition::Like(column("string"), value("a%"));
    let mut query = matching("Order", pattern());
    query.visibility = Visibility::ByTable(Arc::new(VisibleRows {
        tables: [("Order".to_owned(), Rows::Where(pattern()))].into(),
        rest: Rows::Nothing,
    }));
    let sql = find(&query).unwrap();
    assert_eq!(3, sql.matches("LIKE").count(), "{sql}");
    assert_eq!(1, sql.matches("CASE").count(), "{sql}");
}

#[test]
fn what_may_be_seen_is_said_once_for_all_that_can_fail() {
    let like = |pattern| Condition::Like(column("string"), value(pattern));
    let not = |condition| Condition::Not(Box::new(condition));
    let through = Condition::Related {
        relation: "customer".to_owned(),
        condition: Box::new(Condition::Any(vec![
            Condition::Like(column("email"), value("a%")),
            Condition::Like(column("email"), value("b%")),
        ])),
    };
    let mut query = matching(
        "Order",
        Condition::All(vec![
            like("a%"),
            equal("string", "b"),
            Condition::Any(vec![like("c%"), not(like("d%")), equal("string", "e")]),
            through,
        ]),
    );
    query.visibility = Visibility::owned_by(&ObjectId::parse("OWNER").unwrap());
    let sql = find(&query).unwrap();
    let together = concat!(
        r#"CASE WHEN ("Order"."ownerId" = ?) THEN "Order"."string" LIKE ? AND "#,
        r#"("Order"."string" LIKE ? OR (NOT "Order"."string" LIKE ?) OR "Order"."string" = ?) "#,
        r#"ELSE FALSE END"#
    );
    assert!(sql.contains(together), "{sql}");
    let of_related = concat!(
        r#"CASE WHEN ("row$1"."ownerId" = ?) THEN "#,
        r#""row$1"."email" LIKE ? OR "row$1"."email" LIKE ? ELSE FALSE END"#
    );
    assert!(sql.contains(of_related), "{sql}");
    assert_eq!(2, sql.matches("CASE").count(), "{sql}");
    // An index finds what cannot fail.
    assert!(
        sql.contains(r#"AND ("Order"."string" = ? AND EXISTS"#),
        "{sql}"
    );
    query.visibility = Visibility::Everything;
    assert!(!find(&query).unwrap().contains("CASE"));
}
