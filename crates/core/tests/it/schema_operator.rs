//! What the operator does to tables, columns and relations.

use vestibule::prelude::*;
use vestibule_model::{Actor, Cardinality, Column, ColumnType, Relation};
use vestibule_testkit::TestKit;

fn relation(name: &str, to_table: &str) -> Relation {
    Relation {
        name: name.to_owned(),
        to_table: to_table.to_owned(),
        cardinality: Cardinality::OneToMany,
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(code: i32, outcome: Result<T>) {
    assert_eq!(code, outcome.unwrap_err().code().number());
}

#[tokio::test]
async fn a_table_is_made_grows_survives_a_restart_and_goes() {
    let kit = TestKit::bare().start().await;
    let engine = kit.engine();
    let table = engine.create_table("Order").await.unwrap();
    assert_eq!(("Order", 4), (table.name.as_str(), table.columns.len()));
    let code = Column {
        unique: true,
        size: Some(40),
        validator: Some("^[A-Z]+$".to_owned()),
        ..Column::new("code", ColumnType::String)
    };
    let count = Column {
        required: true,
        indexed: true,
        default: Some(Value::from(7)),
        ..Column::new("count", ColumnType::Int)
    };
    engine.add_column("Order", code.clone()).await.unwrap();
    engine.add_column("Order", count.clone()).await.unwrap();
    let table = engine
        .add_relation("Order", relation("parts", "Order"))
        .await
        .unwrap();

    let kit = kit.restart(std::time::Duration::ZERO).await;
    let engine = kit.engine();
    let stored = engine.catalogue().await.unwrap();
    assert_eq!(Some(&table), stored.table("Order"));
    assert_eq!(Some(&code), table.column("code"));
    assert_eq!(Some(&count), table.column("count"));

    engine.drop_column("Order", "code").await.unwrap();
    engine.drop_column("Order", "parts").await.unwrap();
    let stored = engine.catalogue().await.unwrap();
    let order = stored.table("Order").unwrap();
    assert!(order.column("code").is_none() && order.relation("parts").is_none());
    engine.drop_table("Order").await.unwrap();
    assert!(engine.catalogue().await.unwrap().table("Order").is_none());
}

#[tokio::test]
async fn each_change_leaves_an_audit_record_that_names_it() {
    let kit = TestKit::bare().start().await;
    let engine = kit.engine();
    engine.create_table("Order").await.unwrap();
    engine
        .add_column("Order", Column::new("total", ColumnType::Double))
        .await
        .unwrap();
    engine.drop_column("Order", "total").await.unwrap();
    engine.drop_table("Order").await.unwrap();
    let trail = kit.storage().audit(0, 4).await.unwrap();
    let actions: Vec<_> = trail.iter().map(|record| record.action.as_str()).collect();
    let expected = [
        "dropTable Order",
        "dropColumn Order.total",
        "addColumn Order.total",
        "createTable Order",
    ];
    assert_eq!(expected, actions.as_slice());
    assert!(trail.iter().all(|record| record.actor == Actor::Admin));
}

#[tokio::test]
async fn what_cannot_be_made_or_removed_is_refused_and_changes_nothing() {
    let kit = TestKit::bare().start().await;
    let engine = kit.engine();
    engine.create_table("Order").await.unwrap();
    engine.create_table("Item").await.unwrap();
    engine
        .add_relation("Order", relation("items", "Item"))
        .await
        .unwrap();
    let before = engine.catalogue().await.unwrap();
    let int = |name: &str| Column::new(name, ColumnType::Int);

    for name in [
        "vestibule_x",
        "SQLITE_x",
        "bulk",
        "a b",
        "x\"y",
        "",
        &"x".repeat(300),
    ] {
        refused(1154, engine.create_table(name).await);
    }
    refused(1161, engine.create_table("oRDER").await);
    refused(1161, engine.create_table("users").await);
    refused(1148, engine.drop_table("Users").await);
    refused(1167, engine.drop_table("Item").await);
    refused(1009, engine.drop_table("Nothing").await);
    refused(1009, engine.add_column("Nothing", int("x")).await);
    refused(1152, engine.add_column("Order", int("ITEMS")).await);
    refused(1152, engine.add_column("Users", int("email")).await);
    refused(1154, engine.add_column("Order", int("x;y")).await);
    refused(
        1150,
        engine.add_relation("Order", relation("x", "Nothing")).await,
    );
    refused(1162, engine.drop_column("Users", "email").await);
    refused(1162, engine.drop_column("Order", "objectId").await);
    refused(1126, engine.drop_column("Order", "nothing").await);
    let system = Column {
        system: true,
        ..int("x")
    };
    refused(8008, engine.add_column("Order", system).await);
    assert_eq!(before, engine.catalogue().await.unwrap());
}

#[tokio::test]
async fn sql_keywords_are_names_like_any_other() {
    let kit = TestKit::bare().start().await;
    let engine = kit.engine();
    for name in ["Order", "select", "Table", "where"] {
        engine.create_table(name).await.unwrap();
        engine
            .add_column(name, Column::new("group", ColumnType::Int))
            .await
            .unwrap();
        engine
            .add_relation(name, relation("from", name))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_required_column_over_rows_needs_a_default_unless_they_are_guests() {
    let kit = TestKit::bare().start().await;
    let engine = kit.engine();
    let required = |name: &str| Column {
        required: true,
        ..Column::new(name, ColumnType::Int)
    };
    let _guest = kit.guest().await;
    engine.add_column("Users", required("age")).await.unwrap();
    engine.drop_column("Users", "age").await.unwrap();
    kit.register("ann@example.com").await;
    refused(1156, engine.add_column("Users", required("age")).await);
    let with_default = Column {
        default: Some(Value::from(18)),
        ..required("age")
    };
    engine.add_column("Users", with_default).await.unwrap();
}

#[tokio::test]
async fn tables_made_at_the_same_time_are_all_made_and_one_of_a_name() {
    let kit = TestKit::bare().start().await;
    let engine = kit.engine();
    let one = |name: &'static str| async move { engine.create_table(name).await.is_ok() };
    let (a, b, c, d) = tokio::join!(one("Order"), one("ORDER"), one("Item"), one("order"));
    assert_eq!(1, [a, b, d].into_iter().filter(|made| *made).count());
    assert!(c);
    assert_eq!(3, engine.catalogue().await.unwrap().tables.len());
}
