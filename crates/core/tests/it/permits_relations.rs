//! What permissions make of relations: changing links, loading what they lead to, and deep saves.

use serde_json::json;
use vestibule::prelude::*;
use vestibule_model::{
    PermissionOperation,
    PermissionOperation::{
        AddRelation as ADD, DeleteRelation as DELETE, Find as FIND, LoadRelations as LOAD,
        Update as UPDATE,
    },
};
use vestibule_testkit::{Profile, TestClient, TestKit};

use crate::{
    permits_records::{say, users},
    records::props,
    shop::{self, id, ids, many, refused, sorted, stock},
};

async fn open() -> TestKit {
    let kit = shop::open(TestKit::bare()).start().await;
    stock(&kit).await;
    kit
}

async fn deny(kit: &TestKit, table: &str, operations: &[PermissionOperation]) {
    say(kit, users(), table, operations, Access::Deny).await;
}

async fn grant(kit: &TestKit, table: &str, operations: &[PermissionOperation]) {
    say(kit, users(), table, operations, Access::Grant).await;
}

async fn add(client: &TestClient<'_>, child: &str) -> Result<u64> {
    let event = AddRelation::new("Customer", id("cid"), "orders", ids(&[child]));
    client.submit(event).await
}

async fn set(client: &TestClient<'_>, children: &[&str]) -> Result<u64> {
    let event = SetRelation::new("Customer", id("ann"), "orders", ids(children));
    client.submit(event).await
}

async fn delete(client: &TestClient<'_>, child: &str) -> Result<u64> {
    let event = DeleteRelation::new("Customer", id("ann"), "orders", ids(&[child]));
    client.submit(event).await
}

fn load(of: &str) -> LoadRelations {
    LoadRelations::new("Customer", id(of), "orders", Query::new())
}

#[tokio::test]
async fn to_change_links_takes_a_permission_for_that_and_for_the_record_that_refers() {
    let kit = open().await;
    let eve = kit.user("eve@example.com").await;
    deny(&kit, "Customer", &[ADD]).await;
    refused(1134, add(&eve, "A1").await);
    refused(1134, set(&eve, &["A1"]).await);
    assert_eq!(1, delete(&eve, "A1").await.unwrap());
    deny(&kit, "Customer", &[DELETE]).await;
    refused(1134, delete(&eve, "A2").await);
    grant(&kit, "Customer", &[ADD]).await;
    refused(1134, set(&eve, &["A1"]).await);
    assert_eq!(1, add(&eve, "A1").await.unwrap());
    deny(&kit, "Customer", &[UPDATE]).await;
    refused(1012, add(&eve, "A2").await);
    let nobody = AddRelation::new("Customer", id("nobody"), "orders", ids(&["A1"]));
    refused(1000, eve.submit(nobody).await);
    deny(&kit, "Customer", &[FIND]).await;
    refused(1000, add(&eve, "A2").await);
}

#[tokio::test]
async fn the_record_that_refers_is_looked_at_in_the_step_that_changes_its_links() {
    let kit = shop::strict(TestKit::bare()).start().await;
    stock(&kit).await;
    let eve = kit.user("eve@example.com").await;
    grant(&kit, "Customer", &[FIND]).await;
    grant(&kit, "Order", &[FIND]).await;
    refused(1134, add(&eve, "A1").await);
    refused(1134, delete(&eve, "A1").await);
    grant(&kit, "Customer", &[ADD, DELETE]).await;
    refused(1012, add(&eve, "A1").await);
    refused(1012, set(&eve, &[]).await);
    refused(1012, delete(&eve, "A1").await);
    grant(&kit, "Customer", &[UPDATE]).await;
    assert_eq!(1, add(&eve, "A1").await.unwrap());
}

#[tokio::test]
async fn children_that_may_not_be_found_are_neither_linked_nor_unlinked() {
    let kit = open().await;
    let eve = kit.user("eve@example.com").await;
    deny(&kit, "Order", &[FIND]).await;
    assert_eq!(0, add(&eve, "A1").await.unwrap());
    assert_eq!(0, delete(&eve, "A1").await.unwrap());
    assert_eq!(
        vec!["A1", "A2"],
        sorted(&kit.anonymous().submit(load("ann")).await.unwrap())
    );
}

#[tokio::test]
async fn related_records_are_loaded_by_whom_it_is_granted_and_by_no_detour() {
    let kit = open().await;
    let eve = kit.user("eve@example.com").await;
    let found = |query| Find::new("Customer", query);
    deny(&kit, "Customer", &[LOAD]).await;
    refused(1134, eve.submit(load("ann")).await);
    refused(1000, eve.submit(load("nobody")).await);
    refused(1134, eve.submit(found(Query::new().load("orders"))).await);
    let deep = Query {
        relations_depth: Some(1),
        ..Query::new()
    };
    refused(1134, eve.submit(found(deep.clone())).await);
    let by_id = |name, query| FindById::new("Customer", id(name), query);
    refused(1134, eve.submit(by_id("ann", deep.clone())).await);
    refused(1000, eve.submit(by_id("nobody", deep)).await);
    eve.submit(found(Query::new())).await.unwrap();
    eve.submit(by_id("ann", Query::new())).await.unwrap();

    // Further on, what may not be loaded stays away.
    grant(&kit, "Customer", &[LOAD]).await;
    deny(&kit, "Order", &[LOAD]).await;
    let path = Query::new().load("orders.lines");
    let ann = eve.submit(by_id("ann", path.clone())).await.unwrap();
    let orders = many(&ann, "orders");
    assert_eq!(2, orders.len());
    assert!(orders.iter().all(|order| order.related.is_empty()));
    let ann = kit.anonymous().submit(by_id("ann", path)).await.unwrap();
    assert!(
        many(&ann, "orders")
            .iter()
            .all(|order| !order.related.is_empty())
    );
}

#[tokio::test]
async fn loading_is_granted_record_by_record() {
    let kit = shop::strict(TestKit::bare()).start().await;
    stock(&kit).await;
    let eve = kit.user("eve@example.com").await;
    grant(&kit, "Customer", &[FIND]).await;
    grant(&kit, "Order", &[FIND]).await;
    let mine = record! { "objectId" => "mine" };
    eve.submit(Create::new("Customer", mine)).await.unwrap();
    shop::relate(&kit, ("Customer", "mine"), "orders", &["A1"]).await;

    assert_eq!(vec!["A1"], sorted(&eve.submit(load("mine")).await.unwrap()));
    refused(1134, eve.submit(load("ann")).await);
    let all = Find::new("Customer", Query::new().load("orders"));
    for row in eve.submit(all).await.unwrap() {
        let customer = row.record().unwrap();
        let is_loaded = customer.related.contains_key("orders");
        assert_eq!(customer.id().as_str() == "mine", is_loaded);
    }
}

#[tokio::test]
async fn a_deep_save_asks_for_each_record_and_for_each_relation() {
    let kit = open().await;
    let eve = kit.user("eve@example.com").await;
    let save = async |json| eve.submit(DeepSave::new("Customer", props(json))).await;
    let count = async || {
        kit.anonymous()
            .submit(Count::new("Customer", Query::new()))
            .await
    };
    let new_order = || json!({ "name": "Eve", "orders": [{ "total": 1 }] });

    deny(&kit, "Order", &[PermissionOperation::Add]).await;
    refused(1011, save(new_order()).await);
    grant(&kit, "Order", &[PermissionOperation::Add]).await;
    deny(&kit, "Order", &[UPDATE]).await;
    let changed = json!({ "name": "Eve", "orders": [{ "objectId": "A1", "total": 0 }] });
    refused(1012, save(changed).await);
    deny(&kit, "Customer", &[ADD]).await;
    refused(1134, save(new_order()).await);
    grant(&kit, "Customer", &[ADD]).await;
    deny(&kit, "Customer", &[DELETE]).await;
    refused(1134, save(json!({ "objectId": "ann", "orders": [] })).await);
    assert_eq!(3, count().await.unwrap());

    let eve_saved = save(new_order()).await.unwrap();
    assert_eq!(1, many(&eve_saved, "orders").len());
    deny(&kit, "Order", &[FIND]).await;
    refused(1013, save(new_order()).await);
    assert_eq!(4, count().await.unwrap());
}

#[tokio::test]
async fn a_deep_save_changes_the_links_of_no_record_that_may_only_be_found() {
    let kit = shop::strict(TestKit::bare()).start().await;
    stock(&kit).await;
    let eve = kit.user("eve@example.com").await;
    grant(&kit, "Customer", &[FIND]).await;
    let save = async |json| eve.submit(DeepSave::new("Customer", props(json))).await;
    refused(1012, save(json!({ "objectId": "ann", "orders": [] })).await);
    refused(1012, save(json!({ "objectId": "ann", "name": "x" })).await);
    refused(
        1000,
        save(json!({ "name": "x", "orders": [{ "objectId": "A1" }] })).await,
    );
    let saved = save(json!({ "name": "x", "orders": [{ "total": 1 }] }))
        .await
        .unwrap();
    assert_eq!(1, many(&saved, "orders").len());
    assert_eq!(
        vec!["A1", "A2"],
        sorted(&kit.code_runner().submit(load("ann")).await.unwrap())
    );
}

#[tokio::test]
async fn a_part_of_a_hidden_record_is_changed_by_no_deep_save() {
    let kit = TestKit::bare().profile(Profile::Backendless).start().await;
    let ann = kit.user("ann@example.com").await;
    let doc = json!({ "objectId": "A", "doc": { "secret": 1 } });
    ann.submit(Create::new("Doc", props(doc))).await.unwrap();
    deny(&kit, "Doc", &[FIND]).await;
    for name in ["A", "nobody"] {
        let set = json!({ "___operation": "JSON_SET", "args": { "$.secret": 2 } });
        let save = DeepSave::new("Doc", props(json!({ "objectId": name, "doc": set })));
        refused(1000, ann.submit(save).await);
    }
}
