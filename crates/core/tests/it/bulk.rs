//! Several records in one call.

use serde_json::{Value as Json, json};
use vestibule::prelude::*;
use vestibule_model::{Column, ColumnType, Profile};
use vestibule_testkit::TestKit;

use crate::records::{create, id, open, props, refused};

fn rows(json: Json) -> Vec<Properties> {
    json.as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(props)
        .collect()
}

async fn bulk_create(kit: &TestKit, table: &str, json: Json) -> Result<Vec<ObjectId>> {
    let event = BulkCreate::new(table, rows(json));
    kit.anonymous().submit(event).await
}

async fn bulk_upsert(kit: &TestKit, table: &str, json: Json) -> Result<Vec<ObjectId>> {
    let event = BulkUpsert::new(table, rows(json));
    kit.anonymous().submit(event).await
}

async fn bulk_update(kit: &TestKit, table: &str, clause: &str, json: Json) -> Result<u64> {
    let event = BulkUpdate::new(table, clause, props(json));
    kit.anonymous().submit(event).await
}

async fn bulk_remove(kit: &TestKit, table: &str, clause: &str) -> Result<u64> {
    kit.anonymous().submit(BulkRemove::new(table, clause)).await
}

async fn count(kit: &TestKit, table: &str, clause: &str) -> u64 {
    let event = Count::new(table, Query::matching(clause));
    kit.anonymous().submit(event).await.unwrap()
}

#[tokio::test]
async fn records_are_made_together_and_their_ids_come_in_order() {
    let kit = open().await;
    let ids = bulk_create(
        &kit,
        "Order",
        json!([{ "a": 1 }, { "objectId": "x", "b": "y" }, {}]),
    )
    .await
    .unwrap();
    assert_eq!((3, "x"), (ids.len(), ids[1].as_str()));
    let first = FindById::new("Order", ids[0].clone(), Query::new());
    let first = kit.anonymous().submit(first).await.unwrap();
    assert_eq!(Some(1), first.get("a").as_integer());
    assert_eq!(3, count(&kit, "Order", "").await);
}

#[tokio::test]
async fn one_wrong_record_keeps_all_out() {
    let kit = open().await;
    create(&kit, "Order", json!({ "objectId": "1", "a": 1 }))
        .await
        .unwrap();
    refused(
        1007,
        bulk_create(&kit, "Order", json!([{ "a": 1 }, { "a": "x", "new": 1 }])).await,
    );
    refused(
        1101,
        bulk_create(&kit, "Order", json!([{ "a": 1 }, { "objectId": "1" }])).await,
    );
    refused(
        1101,
        bulk_create(
            &kit,
            "Order",
            json!([{ "objectId": "2" }, { "objectId": "2" }]),
        )
        .await,
    );
    refused(
        1007,
        bulk_upsert(
            &kit,
            "Order",
            json!([{ "objectId": "1", "a": 2 }, { "a": "x" }]),
        )
        .await,
    );
    assert_eq!(1, count(&kit, "Order", "a = 1").await);
    assert_eq!(1, count(&kit, "Order", "").await);
    let catalogue = kit.engine().catalogue().await.unwrap();
    assert!(catalogue.table("Order").unwrap().column("new").is_none());
}

#[tokio::test]
async fn a_hundred_records_are_enough() {
    let kit = open().await;
    let many = |count: usize| Json::from(vec![json!({}); count]);
    assert_eq!(
        100,
        bulk_create(&kit, "Order", many(100)).await.unwrap().len()
    );
    let message = refused(8008, bulk_create(&kit, "Order", many(101)).await);
    assert_eq!(
        "Bulk create operation supports no more than 100 objects",
        message
    );
    refused(8008, bulk_upsert(&kit, "Order", many(101)).await);
}

#[tokio::test]
async fn an_upsert_of_several_makes_some_and_changes_others() {
    let kit = open().await;
    create(&kit, "Order", json!({ "objectId": "1", "a": 1, "b": 1 }))
        .await
        .unwrap();
    let sent = json!([
        { "objectId": "2", "a": 2 }, { "objectId": "1", "a": 5 }, { "a": 3 },
        { "objectId": "2", "b": 7 },
    ]);
    let ids = bulk_upsert(&kit, "Order", sent).await.unwrap();
    assert_eq!(
        ("2", "1", "2"),
        (ids[0].as_str(), ids[1].as_str(), ids[3].as_str())
    );
    assert_eq!(
        1,
        count(&kit, "Order", "a = 5 and b = 1 and updated is not null").await
    );
    assert_eq!(
        1,
        count(&kit, "Order", "objectId = '2' and a = 2 and b = 7").await
    );
    assert_eq!(3, count(&kit, "Order", "").await);
}

#[tokio::test]
async fn a_bulk_update_ends_though_the_records_go_on_to_match() {
    let kit = open().await;
    for _ in 0..5 {
        let hundred = Json::from(vec![json!({ "a": 1 }); 100]);
        bulk_create(&kit, "Order", hundred).await.unwrap();
    }
    create(&kit, "Order", json!({ "a": 2 })).await.unwrap();
    let changed = bulk_update(&kit, "Order", "a = 1", json!({ "a": 1, "b": "x" }))
        .await
        .unwrap();
    assert_eq!((500, 500), (changed, count(&kit, "Order", "b = 'x'").await));
    let plus = json!({ "a": { "___class": "BackendlessExpression", "value": "a + 1" } });
    assert_eq!(
        500,
        bulk_update(&kit, "Order", "b = 'x'", plus).await.unwrap()
    );
    assert_eq!(501, count(&kit, "Order", "a = 2").await);
    assert_eq!(500, bulk_remove(&kit, "Order", "b = 'x'").await.unwrap());
    assert_eq!(1, count(&kit, "Order", "").await);
}

#[tokio::test]
async fn a_bulk_change_needs_a_clause_and_something_to_change() {
    let kit = open().await;
    create(&kit, "Order", json!({ "a": 1 })).await.unwrap();
    for clause in ["", "  "] {
        refused(
            1017,
            bulk_update(&kit, "Order", clause, json!({ "a": 2 })).await,
        );
        refused(1017, bulk_remove(&kit, "Order", clause).await);
    }
    refused(
        1009,
        bulk_update(&kit, "Nothing", "a = 1", json!({ "a": 2 })).await,
    );
    refused(1009, bulk_remove(&kit, "Nothing", "a = 1").await);
    refused(1001, bulk_update(&kit, "Order", "a = 1", json!({})).await);
    refused(
        1007,
        bulk_update(&kit, "Order", "a = 999", json!({ "a": "x" })).await,
    );
    for name in ["objectId", "ownerId", "created", "updated"] {
        refused(
            1036,
            bulk_update(&kit, "Order", "a = 1", json!({ name: "x" })).await,
        );
    }
    let operation = json!({ "a": { "___operation": "JSON_SET", "args": { "$": 1 } } });
    refused(8008, bulk_update(&kit, "Order", "a = 1", operation).await);
}

#[tokio::test]
async fn strict_bulk_changes_reach_the_callers_own_records_only() {
    let kit = TestKit::bare()
        .setting("schema.dynamic", true)
        .start()
        .await;
    let (ann, bob) = (kit.guest().await, kit.guest().await);
    for client in [&ann, &ann, &bob] {
        client
            .submit(Create::new("Order", props(json!({ "a": 1 }))))
            .await
            .unwrap();
    }
    let update = || BulkUpdate::new("Order", "a > 0", props(json!({ "a": 2 })));
    assert_eq!(2, ann.submit(update()).await.unwrap());
    refused(1013, kit.anonymous().submit(update()).await);
    assert_eq!(
        1,
        bob.submit(BulkRemove::new("Order", "a = 1")).await.unwrap()
    );
    assert_eq!(
        0,
        bob.submit(BulkRemove::new("Order", "a = 2")).await.unwrap()
    );
    refused(1011, bulk_create(&kit, "Order", json!([{}])).await);
}

#[tokio::test]
async fn users_are_made_in_bulk_with_hashed_passwords_or_not_at_all() {
    let kit = open().await;
    kit.register("ann@example.com").await;
    let user = |email: &str| json!({ "email": email, "password": "secret", "shoe": 43 });
    let made = json!([user("bob@example.com"), user("cid@example.com")]);
    let ids = bulk_create(&kit, "Users", made).await.unwrap();
    assert_eq!(2, ids.len());
    let bob = kit.log_in("bob@example.com").await;
    assert_eq!(
        (&ids[0], UserStatus::Enabled),
        (bob.id(), bob.user().status)
    );
    assert_eq!(Some(&Value::from(43)), bob.user().properties.get("shoe"));
    for (code, other) in [
        (3033, user("ann@example.com")),
        (3011, json!({ "email": "eve@example.com" })),
        (3013, json!({ "password": "secret" })),
        (3040, user("nonsense")),
    ] {
        refused(
            code,
            bulk_create(&kit, "Users", json!([user("dan@example.com"), other])).await,
        );
    }
    assert_eq!(3, count(&kit, "Users", "").await);
    kit.set("registration.enabled", false).await;
    refused(
        3009,
        bulk_create(&kit, "Users", json!([user("dan@example.com")])).await,
    );
}

#[tokio::test]
async fn users_are_upserted_changed_and_removed_in_bulk() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    let guest = kit.guest().await;
    let sent = json!([
        { "objectId": ann.id().as_str(), "name": "Ann", "userStatus": "DISABLED" },
        { "objectId": "b", "email": "bob@example.com", "password": "secret" },
    ]);
    let ids = bulk_upsert(&kit, "Users", sent).await.unwrap();
    assert_eq!((ann.id(), "b"), (&ids[0], ids[1].as_str()));
    assert_eq!(
        1,
        count(&kit, "Users", "name = 'Ann' and userStatus = 'ENABLED'").await
    );
    let all = "objectId is not null";
    assert_eq!(
        2,
        bulk_update(&kit, "Users", all, json!({ "name": "X" }))
            .await
            .unwrap()
    );
    assert_eq!(
        1,
        count(&kit, "Users", "name is null and userStatus = 'GUEST'").await
    );
    for (code, name) in [
        (3098, "email"),
        (3098, "password"),
        (1036, "userStatus"),
        (1036, "lastLogin"),
    ] {
        refused(
            code,
            bulk_update(&kit, "Users", all, json!({ name: "x" })).await,
        );
    }
    assert!(ann.is_alive().await);
    assert_eq!(
        2,
        bulk_remove(&kit, "Users", "userStatus != 'GUEST'")
            .await
            .unwrap()
    );
    assert!(!ann.is_alive().await);
    assert!(guest.is_alive().await);
    assert!(kit.storage().user(&id("b")).await.unwrap().is_none());
}

#[before(collect = false, table = "Users")]
async fn no_bulk_users(_event: &mut BulkCreate, _ctx: &Context) -> Result<Flow<BulkCreate>> {
    Err(Error::refused(4242))
}

#[tokio::test]
async fn handlers_see_one_bulk_event() {
    let kit = TestKit::with::<no_bulk_users>()
        .profile(Profile::Backendless)
        .start()
        .await;
    bulk_create(&kit, "Order", json!([{}, {}])).await.unwrap();
    let users = json!([{ "email": "a@example.com", "password": "secret" }]);
    refused(4242, bulk_create(&kit, "Users", users).await);
    kit.expect_calls([(concat!(module_path!(), "::no_bulk_users"), 1)]);
}

#[tokio::test]
async fn a_unique_value_is_not_given_to_several_records() {
    let kit = open().await;
    kit.engine().create_table("Order").await.unwrap();
    let code = Column {
        unique: true,
        ..Column::new("code", ColumnType::String)
    };
    kit.engine().add_column("Order", code).await.unwrap();
    bulk_create(&kit, "Order", json!([{ "a": 1 }, { "a": 1 }]))
        .await
        .unwrap();
    refused(
        1166,
        bulk_update(&kit, "Order", "a = 1", json!({ "code": "X" })).await,
    );
    assert_eq!(0, count(&kit, "Order", "code = 'X'").await);
}

#[tokio::test]
async fn nothing_in_bulk_makes_nothing() {
    let kit = open().await;
    assert!(
        bulk_create(&kit, "Order", json!([]))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        bulk_upsert(&kit, "Order", json!([]))
            .await
            .unwrap()
            .is_empty()
    );
    let catalogue = kit.engine().catalogue().await.unwrap();
    assert!(catalogue.table("Order").is_none());
}

#[tokio::test]
async fn a_bulk_update_with_a_large_value_reaches_all_records_in_smaller_slices() {
    let kit = open().await;
    bulk_create(&kit, "Order", Json::from(vec![json!({ "a": 1 }); 10]))
        .await
        .unwrap();
    for length in [100_000, 600_000] {
        let large = json!({ "text": "x".repeat(length) });
        let changed = bulk_update(&kit, "Order", "a = 1", large).await.unwrap();
        let clause = format!("length(text) = {length}");
        assert_eq!((10, 10), (changed, count(&kit, "Order", &clause).await));
    }
}
