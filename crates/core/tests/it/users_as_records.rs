//! Rows of `Users` through the data service: they have their own events whatever the door.

use serde_json::json;
use vestibule::prelude::*;
use vestibule_model::{Cardinality, Column, ColumnType, PermissionOperation, Profile, Relation};
use vestibule_testkit::{TestClient, TestKit};

use crate::{
    permits_records::say,
    records::{id, open, props, refused},
};

async fn create(client: &TestClient<'_>, kit: &TestKit, json: serde_json::Value) -> Result<Record> {
    let request = client.request().await;
    let reply = kit.engine().create_record(request, "Users", props(json));
    reply.await.outcome
}

async fn update(
    client: &TestClient<'_>,
    kit: &TestKit,
    of: &ObjectId,
    json: serde_json::Value,
) -> Result<Record> {
    let request = client.request().await;
    let reply = kit
        .engine()
        .update_record(request, "Users", of.clone(), props(json));
    reply.await.outcome
}

async fn remove(client: &TestClient<'_>, kit: &TestKit, of: &ObjectId) -> Result<Timestamp> {
    let request = client.request().await;
    let reply = kit.engine().remove_record(request, "Users", of.clone());
    reply.await.outcome
}

#[before(collect = false)]
async fn mark(event: &mut Register, _ctx: &Context) -> Result<Flow<Register>> {
    let via = event.via.as_str();
    event.properties.insert("name".to_owned(), Value::from(via));
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn mark_update(event: &mut UpdateUser, _ctx: &Context) -> Result<Flow<UpdateUser>> {
    let via = event.via.as_str();
    event.properties.insert("name".to_owned(), Value::from(via));
    Ok(Flow::Continue)
}

#[before(collect = false)]
async fn keep(event: &mut RemoveUser, _ctx: &Context) -> Result<Flow<RemoveUser>> {
    Err(Error::refused(4242).saying(event.via.as_str()))
}

#[tokio::test]
async fn a_user_through_the_data_service_has_the_events_of_users() {
    let kit = TestKit::with::<mark>()
        .and::<mark_update>()
        .and::<keep>()
        .profile(Profile::Backendless)
        .start()
        .await;
    let anyone = kit.anonymous();
    let sent = json!({ "email": "ann@example.com", "password": "secret", "shoe": 43 });
    let ann = create(&anyone, &kit, sent).await.unwrap();
    assert_eq!(
        ("Users", Some("dataService")),
        (ann.table(), ann.get("name").as_text())
    );
    assert_eq!(
        (Some(43), None),
        (ann.get("shoe").as_integer(), ann.properties.get("password"))
    );
    assert_eq!(
        (Some("ENABLED"), Some(ann.id().as_str())),
        (ann.get("userStatus").as_text(), ann.owner_id())
    );
    let ann = update(
        &anyone,
        &kit,
        ann.id(),
        json!({ "name": "Ann", "shoe": 44 }),
    )
    .await
    .unwrap();
    assert_eq!(
        (Some("dataService"), Some(44)),
        (ann.get("name").as_text(), ann.get("shoe").as_integer())
    );
    assert_eq!(
        "dataService",
        refused(4242, remove(&anyone, &kit, ann.id()).await)
    );
    kit.log_in("ann@example.com").await;
}

#[tokio::test]
async fn an_upsert_registers_or_updates() {
    let kit = open().await;
    let upsert = async |json| {
        let request = kit.anonymous().request().await;
        kit.engine()
            .upsert_record(request, "Users", props(json))
            .await
            .outcome
    };
    let sent = json!({ "objectId": "a", "email": "ann@example.com", "password": "secret" });
    assert_eq!("a", upsert(sent).await.unwrap().id().as_str());
    let ann = upsert(json!({ "objectId": "a", "name": "Ann" }))
        .await
        .unwrap();
    assert_eq!(Some("ann@example.com"), ann.get("email").as_text());
    let sent = json!({ "objectId": "a", "email": "b@example.com", "password": "secret" });
    refused(1101, create(&kit.anonymous(), &kit, sent).await);
    refused(
        3011,
        upsert(json!({ "objectId": "b", "name": "Bob" })).await,
    );
    refused(8008, upsert(json!({ "objectId": "", "name": "Bob" })).await);
}

#[tokio::test]
async fn a_removed_user_is_gone_with_its_sessions() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    assert!(ann.is_alive().await);
    assert_eq!(
        kit.engine().now(),
        remove(&kit.anonymous(), &kit, ann.id()).await.unwrap()
    );
    assert!(!ann.is_alive().await);
    refused(1000, remove(&kit.anonymous(), &kit, ann.id()).await);
    refused(
        1000,
        update(&kit.anonymous(), &kit, ann.id(), json!({ "name": "x" })).await,
    );
}

#[tokio::test]
async fn the_links_to_a_removed_user_go_with_it() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    kit.engine().create_table("Order").await.unwrap();
    let buyer = Relation {
        name: "buyer".to_owned(),
        to_table: "Users".to_owned(),
        cardinality: Cardinality::OneToOne,
    };
    kit.engine().add_relation("Order", buyer).await.unwrap();
    let anyone = kit.anonymous();
    let order = props(json!({ "buyer": { "objectId": ann.id().as_str() } }));
    let order = anyone.submit(DeepSave::new("Order", order)).await.unwrap();
    assert!(order.related.contains_key("buyer"));
    remove(&anyone, &kit, ann.id()).await.unwrap();
    let found = FindById::new("Order", order.id().clone(), Query::new().load("buyer"));
    let found = anyone.submit(found).await.unwrap();
    assert_eq!(Some(&Related::One(None)), found.related.get("buyer"));
}

#[tokio::test]
async fn strict_lets_users_change_and_remove_themselves_only() {
    let kit = TestKit::bare().start().await;
    let (ann, eve) = (kit.user("ann@example.com").await, kit.guest().await);
    for other in [&eve, &kit.anonymous()] {
        refused(
            1000,
            update(other, &kit, ann.id(), json!({ "name": "x" })).await,
        );
        refused(1000, remove(other, &kit, ann.id()).await);
    }
    refused(1000, eve.submit(RemoveUser::new(ann.id().clone())).await);
    let ann_row = update(&ann, &kit, ann.id(), json!({ "name": "Ann" }))
        .await
        .unwrap();
    assert_eq!(Some("Ann"), ann_row.get("name").as_text());
    remove(&ann, &kit, ann.id()).await.unwrap();
    remove(&kit.code_runner(), &kit, eve.id()).await.unwrap();
}

#[tokio::test]
async fn own_columns_of_users_are_checked_like_any_others_but_do_not_bind_guests() {
    let kit = open().await;
    let code = Column {
        required: true,
        size: Some(3),
        validator: Some("^[A-Z]+$".to_owned()),
        ..Column::new("code", ColumnType::String)
    };
    let level = Column {
        default: Some(Value::from(1)),
        ..Column::new("level", ColumnType::Int)
    };
    let born = Column::new("born", ColumnType::DateTime);
    for column in [code, level, born] {
        kit.engine().add_column("Users", column).await.unwrap();
    }
    let anyone = kit.anonymous();
    let user = |code: serde_json::Value, born: &str| json!({ "email": "ann@example.com", "password": "secret", "code": code, "born": born });
    for (number, code, born) in [
        (3041, json!(""), "1970-01-02"),
        (8008, json!("ab"), "1970-01-02"),
        (8000, json!("ABCD"), "1970-01-02"),
        (3049, json!(7), "1970-01-02"),
        (8003, json!("AB"), "soon"),
    ] {
        refused(number, create(&anyone, &kit, user(code, born)).await);
    }
    let ann = create(&anyone, &kit, user(json!("AB"), "1970-01-02"))
        .await
        .unwrap();
    assert_eq!(
        (Some(1), Some(86_400_000)),
        (ann.get("level").as_integer(), ann.get("born").as_integer())
    );
    refused(
        8008,
        update(&anyone, &kit, ann.id(), json!({ "code": "x" })).await,
    );
    let more = json!({ "level": { "___class": "BackendlessExpression", "value": "level + 1" } });
    let ann = update(&anyone, &kit, ann.id(), more).await.unwrap();
    assert_eq!(Some(2), ann.get("level").as_integer());
    let guest = kit.guest().await;
    assert_eq!(Some(&Value::from(1)), guest.user().properties.get("level"));
}

#[tokio::test]
async fn a_part_of_a_json_column_of_a_user_changes() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    update(&ann, &kit, ann.id(), json!({ "doc": { "a": 1 } }))
        .await
        .unwrap();
    let set = json!({ "doc": { "___operation": "JSON_SET", "args": { "$.b": 2 } }, "name": "Ann" });
    let row = update(&ann, &kit, ann.id(), set).await.unwrap();
    assert_eq!(json!({ "a": 1, "b": 2 }), row.get("doc").to_json());
    assert_eq!(Some("Ann"), row.get("name").as_text());
}

#[tokio::test]
async fn a_fixed_schema_drops_what_users_have_no_column_for() {
    let kit = open().await;
    kit.set("schema.dynamic", false).await;
    let sent = json!({ "email": "ann@example.com", "password": "secret", "shoe": 43 });
    let ann = create(&kit.anonymous(), &kit, sent).await.unwrap();
    assert_eq!(None, ann.properties.get("shoe"));
    let ann = update(&kit.anonymous(), &kit, ann.id(), json!({ "shoe": 43 }))
        .await
        .unwrap();
    assert_eq!(None, ann.properties.get("shoe"));
    refused(
        1000,
        update(&kit.anonymous(), &kit, &id("nobody"), json!({ "a": 1 })).await,
    );
}

#[tokio::test]
async fn the_events_of_records_are_no_way_around_those_of_users() {
    let kit = open().await;
    let ann = kit.user("ann@example.com").await;
    let (table, own) = ("Users", || ann.id().clone());
    let named = || props(json!({ "name": "x" }));
    refused(2000, ann.submit(Create::new(table, named())).await);
    refused(2000, ann.submit(Update::new(table, own(), named())).await);
    refused(2000, ann.submit(Upsert::new(table, named())).await);
    refused(2000, ann.submit(Remove::new(table, own())).await);
}

#[tokio::test]
async fn strict_lets_nobody_take_the_id_of_a_user_who_is_gone() {
    let kit = TestKit::bare().start().await;
    kit.engine().create_table("Order").await.unwrap();
    let ann = kit.user("ann@example.com").await;
    ann.submit(Create::new("Order", Properties::new()))
        .await
        .unwrap();
    remove(&ann, &kit, ann.id()).await.unwrap();
    let sent = json!({
        "objectId": ann.id().as_str(), "email": "eve@example.com", "password": "secret",
    });
    let bob = kit.user("bob@example.com").await;
    refused(1011, create(&kit.anonymous(), &kit, sent.clone()).await);

    // Even where users may come through the data service.
    let users = &[PermissionOperation::Add, PermissionOperation::Upsert];
    say(&kit, Grantee::AllRoles, "Users", users, Access::Grant).await;
    refused(3039, create(&kit.anonymous(), &kit, sent.clone()).await);
    let request = bob.request().await;
    let upsert = kit
        .engine()
        .upsert_record(request, "Users", props(sent.clone()));
    refused(3039, upsert.await.outcome);
    let rows = || vec![props(sent.clone())];
    refused(3039, bob.submit(BulkCreate::new("Users", rows())).await);
    refused(3039, bob.submit(BulkUpsert::new("Users", rows())).await);
    create(&kit.code_runner(), &kit, sent).await.unwrap();
}
