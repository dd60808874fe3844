//! Records come, change and go: one at a time.

use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_model::{Cardinality, Column, ColumnType, Profile, Relation};
use vestibule_testkit::{TestClient, TestKit};

pub(crate) async fn open() -> TestKit {
    TestKit::bare().profile(Profile::Backendless).start().await
}

pub(crate) fn props(json: Json) -> Properties {
    Value::properties_from_json(json.as_object().unwrap().clone())
}

pub(crate) fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(code: i32, outcome: Result<T>) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(code, error.code().number(), "{error}");
    error.message().to_owned()
}

pub(crate) async fn create(kit: &TestKit, table: &str, json: Json) -> Result<Record> {
    let event = Create::new(table, props(json));
    kit.anonymous().submit(event).await
}

pub(crate) async fn update(kit: &TestKit, table: &str, of: &str, json: Json) -> Result<Record> {
    let event = Update::new(table, id(of), props(json));
    kit.anonymous().submit(event).await
}

pub(crate) async fn stored(client: &TestClient<'_>, table: &str, of: &str) -> Result<Record> {
    let event = FindById::new(table, id(of), Query::new());
    client.submit(event).await
}

async fn with_columns(table: &str, columns: impl IntoIterator<Item = Column>) -> TestKit {
    let kit = open().await;
    kit.engine().create_table(table).await.unwrap();
    for column in columns {
        kit.engine().add_column(table, column).await.unwrap();
    }
    kit
}

#[tokio::test]
async fn a_new_record_belongs_to_its_caller_and_has_what_was_sent() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    let sent = props(json!({
        "___class": "Order", "__meta": "x", "user-token": "t", "created": 1, "updated": 2,
        "ownerId": "somebody", "total": 7, "price": 1.5, "paid": true, "name": "ünï", "tags": [1],
        "nothing": null,
    }));
    let order = ann.submit(Create::new("Order", sent)).await.unwrap();
    assert_eq!(
        ("Order", Some(ann.id().as_str())),
        (order.table(), order.owner_id())
    );
    assert_eq!(
        (Some(kit.engine().now()), None),
        (order.created(), order.updated())
    );
    assert_eq!(Some(7), order.get("total").as_integer());
    assert_eq!(&Value::Json(json!([1])), order.get("tags"));
    let names: Vec<_> = order.properties.keys().map(String::as_str).collect();
    assert_eq!(
        vec![
            "created", "name", "ownerId", "paid", "price", "tags", "total", "updated"
        ],
        names
    );
    assert_eq!(
        order,
        stored(&kit.anonymous(), "Order", order.id().as_str())
            .await
            .unwrap()
    );
    assert_eq!(
        None,
        create(&kit, "Order", json!({})).await.unwrap().owner_id()
    );
}

#[tokio::test]
async fn an_id_that_comes_along_is_kept_if_it_can_be_one_and_is_free() {
    let kit = open().await;
    let order = create(&kit, "Order", json!({ "objectId": "1", "total": 1 }))
        .await
        .unwrap();
    assert_eq!("1", order.id().as_str());
    refused(
        1101,
        create(&kit, "Order", json!({ "objectId": "1" })).await,
    );
    refused(8008, create(&kit, "Order", json!({ "objectId": "" })).await);
    refused(8008, create(&kit, "Order", json!({ "objectId": 7 })).await);
    create(&kit, "Order", json!({ "objectId": null }))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_update_touches_what_it_names_and_null_clears() {
    let kit = open().await;
    create(&kit, "Order", json!({ "objectId": "1", "a": 1, "b": "x" }))
        .await
        .unwrap();
    let order = update(
        &kit,
        "Order",
        "1",
        json!({ "b": null, "c": 2.5, "objectId": "2" }),
    )
    .await
    .unwrap();
    assert_eq!(
        ("1", Some(1)),
        (order.id().as_str(), order.get("a").as_integer())
    );
    assert!(order.get("b").is_null());
    assert_eq!(&Value::from(2.5), order.get("c"));
    assert_eq!(Some(kit.engine().now()), order.updated());
    refused(1001, update(&kit, "Order", "1", json!({})).await);
    refused(1009, update(&kit, "Nothing", "1", json!({ "a": 1 })).await);
    let message = refused(1000, update(&kit, "Order", "9", json!({ "z": 1 })).await);
    assert_eq!("Entity with ID 9 not found", message);
    assert!(
        kit.engine()
            .catalogue()
            .await
            .unwrap()
            .table("Order")
            .unwrap()
            .column("z")
            .is_none()
    );
}

#[tokio::test]
async fn the_echo_of_a_record_can_be_saved_again() {
    let kit = open().await;
    let order = create(&kit, "Order", json!({ "objectId": "1", "a": 1 }))
        .await
        .unwrap();
    let mut echo = order.properties.clone();
    echo.insert("___class".to_owned(), Value::from("Order"));
    let saved = kit
        .anonymous()
        .submit(Update::new("Order", id("1"), echo))
        .await
        .unwrap();
    assert_eq!(order.get("a"), saved.get("a"));
    let nothing = update(
        &kit,
        "Order",
        "1",
        json!({ "created": 1, "___class": "Order" }),
    )
    .await;
    assert_eq!(saved, nothing.unwrap());
    refused(
        1000,
        update(&kit, "Order", "2", json!({ "created": 1 })).await,
    );
}

#[tokio::test]
async fn relations_are_ignored_by_a_plain_save() {
    let kit = open().await;
    for table in ["Order", "Item"] {
        kit.engine().create_table(table).await.unwrap();
    }
    let items = Relation {
        name: "items".to_owned(),
        to_table: "Item".to_owned(),
        cardinality: Cardinality::OneToMany,
    };
    kit.engine().add_relation("Order", items).await.unwrap();
    let order = json!({ "objectId": "1", "items": [{ "objectId": "2" }], "a": 1 });
    let order = create(&kit, "Order", order).await.unwrap();
    assert!(!order.properties.contains_key("items"));
    let order = update(&kit, "Order", "1", json!({ "items": [] }))
        .await
        .unwrap();
    assert_eq!(None, order.updated());
}

#[tokio::test]
async fn values_that_do_not_fit_are_refused_and_nothing_is_stored() {
    let when = Column::new("when", ColumnType::DateTime);
    let code = Column {
        unique: true,
        size: Some(5),
        validator: Some("^[A-Z]+$".to_owned()),
        ..Column::new("code", ColumnType::String)
    };
    let kit = with_columns("Order", [when, code]).await;
    create(
        &kit,
        "Order",
        json!({ "objectId": "1", "n": 1, "yes": true, "code": "AB" }),
    )
    .await
    .unwrap();
    for (code, json) in [
        (1007, json!({ "n": "7" })),
        (1007, json!({ "yes": "invalid number" })),
        (1007, json!({ "code": 7 })),
        (8003, json!({ "when": "soon" })),
        (8000, json!({ "code": "TOOLONG" })),
        (8008, json!({ "code": "ab" })),
        (8008, json!({ "tags": ["a\0"] })),
        (1154, json!({ "a b": 1 })),
        (1152, json!({ "N": 1 })),
    ] {
        refused(code, create(&kit, "Order", json.clone()).await);
        refused(code, update(&kit, "Order", "1", json).await);
    }
    let message = refused(1166, create(&kit, "Order", json!({ "code": "AB" })).await);
    assert!(message.contains("'code'"), "{message}");
    create(&kit, "Order", json!({ "objectId": "2", "code": "CD" }))
        .await
        .unwrap();
    refused(
        1166,
        update(&kit, "Order", "2", json!({ "code": "AB" })).await,
    );
    let count = kit
        .anonymous()
        .submit(Count::new("Order", Query::new()))
        .await
        .unwrap();
    assert_eq!(2, count);
    assert_eq!(
        None,
        stored(&kit.anonymous(), "Order", "1")
            .await
            .unwrap()
            .updated()
    );
    let order = update(
        &kit,
        "Order",
        "1",
        json!({ "n": 1.5, "when": "1970-01-02" }),
    )
    .await
    .unwrap();
    assert_eq!(
        &Value::from(1.5),
        order.get("n"),
        "the column has become wider"
    );
    assert_eq!(Some(86_400_000), order.get("when").as_integer());
}

#[tokio::test]
async fn a_required_column_is_there_and_not_empty_and_defaults_help() {
    let name = Column {
        required: true,
        ..Column::new("name", ColumnType::String)
    };
    let count = Column {
        required: true,
        default: Some(Value::from(7)),
        ..Column::new("count", ColumnType::Int)
    };
    let kit = with_columns("Order", [name, count]).await;
    refused(1131, create(&kit, "Order", json!({})).await);
    refused(1137, create(&kit, "Order", json!({ "name": null })).await);
    refused(1165, create(&kit, "Order", json!({ "name": "" })).await);
    refused(
        1137,
        create(&kit, "Order", json!({ "name": "x", "count": null })).await,
    );
    let order = create(&kit, "Order", json!({ "objectId": "1", "name": "x" }))
        .await
        .unwrap();
    assert_eq!(Some(7), order.get("count").as_integer());
    refused(
        1137,
        update(&kit, "Order", "1", json!({ "name": null })).await,
    );
    refused(
        1165,
        update(&kit, "Order", "1", json!({ "name": "" })).await,
    );
    update(&kit, "Order", "1", json!({ "count": 1 }))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_fixed_schema_refuses_what_it_does_not_know() {
    let kit = with_columns("Order", [Column::new("total", ColumnType::Int)]).await;
    kit.set("schema.dynamic", false).await;
    refused(1125, create(&kit, "Thing", json!({})).await);
    refused(1126, create(&kit, "Order", json!({ "size": 1 })).await);
    create(&kit, "Order", json!({ "objectId": "1", "total": 1 }))
        .await
        .unwrap();
    refused(1126, update(&kit, "Order", "1", json!({ "size": 1 })).await);
    refused(
        1007,
        update(&kit, "Order", "1", json!({ "total": 1.5 })).await,
    );
}

#[tokio::test]
async fn an_upsert_changes_what_is_there_and_makes_what_is_not() {
    let kit = open().await;
    let upsert = async |json| {
        let event = Upsert::new("Order", props(json));
        kit.anonymous().submit(event).await
    };
    let made = upsert(json!({ "objectId": "1", "a": 1, "b": 2 }))
        .await
        .unwrap();
    assert_eq!(("1", None), (made.id().as_str(), made.updated()));
    let changed = upsert(json!({ "objectId": "1", "a": 5 })).await.unwrap();
    assert_eq!(
        (Some(5), Some(2)),
        (changed.get("a").as_integer(), changed.get("b").as_integer())
    );
    assert_eq!(Some(kit.engine().now()), changed.updated());
    assert_ne!("1", upsert(json!({ "a": 1 })).await.unwrap().id().as_str());
    refused(8008, upsert(json!({ "objectId": 5 })).await);
}

#[tokio::test]
async fn of_many_upserts_at_once_none_fails() {
    let kit = open().await;
    create(&kit, "Order", json!({ "a": 1 })).await.unwrap();
    let upserts = (0..8).map(async |a| {
        let event = Upsert::new("Order", props(json!({ "objectId": "1", "a": a })));
        kit.anonymous().submit(event).await
    });
    for outcome in futures_all(upserts).await {
        assert_eq!("1", outcome.unwrap().id().as_str());
    }
}

async fn futures_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    futures::future::join_all(futures).await
}

#[tokio::test]
async fn a_removal_says_when_and_is_done_once() {
    let kit = open().await;
    create(&kit, "Order", json!({ "objectId": "1" }))
        .await
        .unwrap();
    let remove = async || kit.anonymous().submit(Remove::new("Order", id("1"))).await;
    assert_eq!(kit.engine().now(), remove().await.unwrap());
    refused(1000, remove().await);
    refused(
        1009,
        kit.anonymous()
            .submit(Remove::new("Nothing", id("1")))
            .await,
    );
}

#[tokio::test]
async fn strict_lets_callers_change_their_own_records_only() {
    let kit = TestKit::bare()
        .setting("schema.dynamic", true)
        .start()
        .await;
    refused(1011, create(&kit, "Order", json!({})).await);
    let (ann, bob) = (kit.guest().await, kit.guest().await);
    let order = ann
        .submit(Create::new("Order", props(json!({ "a": 1 }))))
        .await
        .unwrap();
    let change = || Update::new("Order", order.id().clone(), props(json!({ "a": 2 })));
    refused(1000, bob.submit(change()).await);
    refused(1000, kit.anonymous().submit(change()).await);
    refused(
        1000,
        bob.submit(Remove::new("Order", order.id().clone())).await,
    );
    let upsert = props(json!({ "objectId": order.id().as_str(), "a": 3 }));
    refused(1000, bob.submit(Upsert::new("Order", upsert)).await);
    let order = ann.submit(change()).await.unwrap();
    assert_eq!(Some(2), order.get("a").as_integer());
    let owned = props(json!({ "ownerId": bob.id().as_str() }));
    let given = Update::new("Order", order.id().clone(), owned);
    let order = ann.submit(given.clone()).await.unwrap();
    assert_eq!(
        Some(ann.id().as_str()),
        order.owner_id(),
        "clients give nothing away"
    );
    let order = kit.code_runner().submit(given).await.unwrap();
    assert_eq!(Some(bob.id().as_str()), order.owner_id());
    refused(1000, ann.submit(change()).await);
    bob.submit(Remove::new("Order", order.id().clone()))
        .await
        .unwrap();
}

/// Rounds every order up, whatever door it comes through.
#[before(collect = false, table = "Order")]
async fn at_least_ten(event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    event.properties.insert("total".to_owned(), Value::from(10));
    Ok(Flow::Continue)
}

#[after(collect = false)]
async fn refuse(_event: &Update, _outcome: Outcome<Update>, _ctx: &Context) -> Outcome<Update> {
    Err(Error::refused(4242))
}

#[tokio::test]
async fn handlers_see_the_events_and_change_their_payload() {
    let kit = TestKit::with::<at_least_ten>()
        .and::<refuse>()
        .profile(Profile::Backendless)
        .start()
        .await;
    let order = create(&kit, "Order", json!({ "objectId": "1", "total": 1 }))
        .await
        .unwrap();
    assert_eq!(Some(10), order.get("total").as_integer());
    create(&kit, "Item", json!({})).await.unwrap();
    refused(
        4242,
        update(&kit, "Order", "1", json!({ "total": 5 })).await,
    );
    kit.expect_calls([
        (concat!(module_path!(), "::at_least_ten"), 1),
        (concat!(module_path!(), "::refuse"), 1),
    ]);
}

#[tokio::test]
async fn a_calculation_never_empties_a_required_column() {
    let required = |name, column_type| Column {
        required: true,
        ..Column::new(name, column_type)
    };
    let columns = [
        required("n", ColumnType::Int),
        required("x", ColumnType::Double),
        Column::new("m", ColumnType::Int),
    ];
    let kit = with_columns("Order", columns).await;
    let sent = json!({ "objectId": "1", "n": 7, "x": 1e300, "m": null });
    create(&kit, "Order", sent).await.unwrap();
    for (column, text) in [("n", "m + 1"), ("n", "n / 0"), ("x", "x * x")] {
        let changes = json!({ column: { "___class": "BackendlessExpression", "value": text } });
        let order = update(&kit, "Order", "1", changes.clone()).await.unwrap();
        assert!(!order.get(column).is_null(), "{text}");
        let event = BulkUpdate::new("Order", "n = 7", props(changes));
        assert_eq!(1, kit.anonymous().submit(event).await.unwrap());
    }
    let order = stored(&kit.anonymous(), "Order", "1").await.unwrap();
    assert_eq!(
        (Some(7), &Value::Double(1e300)),
        (order.get("n").as_integer(), order.get("x"))
    );
}

#[test]
fn events_are_printed_without_the_secrets_in_them() {
    let row = || props(json!({ "password": "secret", "buyer": { "user-token": "secret" } }));
    let printed = [
        format!("{:?}", Create::new("Users", row())),
        format!("{:?}", Update::new("Users", id("1"), row())),
        format!("{:?}", Upsert::new("Users", row())),
        format!("{:?}", BulkCreate::new("Users", vec![row()])),
        format!("{:?}", BulkUpsert::new("Users", vec![row()])),
        format!("{:?}", BulkUpdate::new("Users", "a = 1", row())),
        format!("{:?}", DeepSave::new("Users", row())),
        format!(
            "{:?}",
            Register::new(props(json!({ "user-token": "secret" })))
        ),
        format!(
            "{:?}",
            UpdateUser::new(id("1"), props(json!({ "user-token": "secret" })))
        ),
    ];
    for text in printed {
        assert!(!text.contains("secret"), "{text}");
    }
}
