//! What the operator sees and edits of any table.

use vestibule::prelude::*;
use vestibule_core::Create;
use vestibule_model::{Column, ColumnType, Profile, Query};
use vestibule_testkit::TestKit;

fn properties<const N: usize>(pairs: [(&str, Value); N]) -> Properties {
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

/// An app with an order that nobody owns, and its id.
async fn with_order() -> (TestKit, ObjectId) {
    let kit = TestKit::bare().profile(Profile::Backendless).start().await;
    let engine = kit.engine();
    engine.create_table("Order").await.unwrap();
    let code = Column {
        required: true,
        validator: Some("^[A-Z]+$".to_owned()),
        ..Column::new("code", ColumnType::String)
    };
    engine.add_column("Order", code).await.unwrap();
    engine
        .add_column("Order", Column::new("count", ColumnType::Int))
        .await
        .unwrap();
    let order = Create::new("Order", properties([("code", Value::from("A"))]));
    let id = kit.anonymous().submit(order).await.unwrap().id().clone();
    (kit, id)
}

#[tokio::test]
async fn an_edit_changes_the_columns_it_names_and_leaves_an_audit_record() {
    let (kit, id) = with_order().await;
    let edit = properties([("count", Value::from(7)), ("ownerId", Value::from("ann"))]);
    let record = kit
        .engine()
        .edit_row_for_operator("Order", &id, edit)
        .await
        .unwrap();
    assert_eq!(
        (Some(7), Some("A")),
        (
            record.get("count").as_integer(),
            record.get("code").as_text()
        )
    );
    assert_eq!(Some("ann"), record.owner_id());
    assert!(record.updated().is_some());
    let rows = kit
        .engine()
        .rows_for_operator("Order", &Query::matching("count = 7"))
        .await;
    assert_eq!(Some(&record), rows.unwrap()[0].record());
    let trail = kit.storage().audit(0, 1).await.unwrap();
    assert_eq!(format!("editRow Order {id}"), trail[0].action);
}

#[tokio::test]
async fn an_edit_that_does_not_fit_is_refused() {
    let (kit, id) = with_order().await;
    let nobody = ObjectId::parse("nobody").unwrap();
    for (code, table, id, name, value) in [
        (1009, "Nothing", &id, "x", Value::from(1)),
        (1000, "Order", &nobody, "count", Value::from(1)),
        (1126, "Order", &id, "x", Value::from(1)),
        (1007, "Order", &id, "count", Value::from("x")),
        (8008, "Order", &id, "code", Value::from("a")),
        (1137, "Order", &id, "code", Value::Null),
        (1162, "Order", &id, "created", Value::from(1)),
        (1162, "Order", &id, "objectId", Value::from("x")),
        (1001, "Order", &id, "___class", Value::from("Order")),
    ] {
        let edit = properties([(name, value)]);
        let refused = kit
            .engine()
            .edit_row_for_operator(table, id, edit)
            .await
            .unwrap_err();
        assert_eq!(
            code,
            refused.code().number(),
            "{name} of {table}: {refused}"
        );
    }
}

#[tokio::test]
async fn an_operator_renames_and_disables_a_user_but_never_sets_a_password() {
    let kit = TestKit::bare().start().await;
    kit.register("ann@example.com").await;
    kit.register("bob@example.com").await;
    let engine = kit.engine();
    let query = Query::matching("email = 'ann@example.com'");
    let rows = engine.rows_for_operator("Users", &query).await.unwrap();
    let ann = rows[0].record().unwrap().id().clone();
    assert!(rows[0].get("password").is_null());

    let edit = properties([
        ("name", Value::from("Ann")),
        ("userStatus", Value::from("DISABLED")),
    ]);
    let record = engine
        .edit_row_for_operator("Users", &ann, edit)
        .await
        .unwrap();
    assert_eq!(Some("Ann"), record.get("name").as_text());
    let login = kit
        .anonymous()
        .submit(Login::new("ann@example.com", "secret"))
        .await;
    assert_eq!(3090, login.unwrap_err().code().number());

    for (code, name, value) in [
        (8008, "password", "other"),
        (8008, "userStatus", "GUEST"),
        (8008, "userStatus", "nonsense"),
        (3018, "email", "BOB@example.com"),
        (3040, "email", "no address"),
        (1162, "lastLogin", "x"),
        (1162, "ownerId", "x"),
    ] {
        let edit = properties([(name, Value::from(value))]);
        let refused = engine
            .edit_row_for_operator("Users", &ann, edit)
            .await
            .unwrap_err();
        assert_eq!(code, refused.code().number(), "{name}: {refused}");
    }
    let query = Query::matching("password = 'x'");
    let probed = engine.rows_for_operator("Users", &query).await.unwrap_err();
    assert_eq!(1006, probed.code().number());
}
