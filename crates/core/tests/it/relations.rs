//! Relating records: adding, setting and taking away, by ids and by condition, and loading.

use vestibule::prelude::*;
use vestibule_testkit::{Profile, TestClient, TestKit};

use crate::shop::{self, id, ids, refused, sorted, stock};

async fn shop() -> TestKit {
    let kit = shop::open(TestKit::bare()).start().await;
    stock(&kit).await;
    kit
}

fn matching(clause: &str) -> Children {
    Children::Matching(clause.to_owned())
}

async fn add(
    client: &TestClient<'_>,
    parent: &str,
    relation: &str,
    children: Children,
) -> Result<u64> {
    let event = AddRelation::new("Customer", id(parent), relation, children);
    client.submit(event).await
}

async fn set(
    client: &TestClient<'_>,
    parent: &str,
    relation: &str,
    children: Children,
) -> Result<u64> {
    let event = SetRelation::new("Customer", id(parent), relation, children);
    client.submit(event).await
}

async fn delete(
    client: &TestClient<'_>,
    parent: &str,
    relation: &str,
    children: Children,
) -> Result<u64> {
    let event = DeleteRelation::new("Customer", id(parent), relation, children);
    client.submit(event).await
}

async fn related(client: &TestClient<'_>, parent: &str, relation: &str) -> Result<Vec<String>> {
    let event = LoadRelations::new("Customer", id(parent), relation, Query::new());
    Ok(sorted(&client.submit(event).await?))
}

#[tokio::test]
async fn adding_counts_new_links_and_passes_over_what_does_not_exist() {
    let kit = shop().await;
    let anyone = kit.anonymous();
    let children = ids(&["A1", "B1", "B1", "nobody"]);
    assert_eq!(1, add(&anyone, "ann", "orders", children).await.unwrap());
    assert_eq!(
        vec!["A1", "A2", "B1"],
        related(&anyone, "ann", "orders").await.unwrap()
    );
    assert_eq!(0, add(&anyone, "ann", "orders", ids(&[])).await.unwrap());
}

#[tokio::test]
async fn setting_replaces_and_counts_what_is_linked_then() {
    let kit = shop().await;
    let anyone = kit.anonymous();
    let children = ids(&["A1", "B1", "nobody"]);
    assert_eq!(2, set(&anyone, "ann", "orders", children).await.unwrap());
    assert_eq!(
        vec!["A1", "B1"],
        related(&anyone, "ann", "orders").await.unwrap()
    );
    assert_eq!(vec!["B1"], related(&anyone, "ben", "orders").await.unwrap());
    assert_eq!(0, set(&anyone, "ann", "orders", ids(&[])).await.unwrap());
    assert_eq!(0, related(&anyone, "ann", "orders").await.unwrap().len());
}

#[tokio::test]
async fn taking_links_away_leaves_the_records() {
    let kit = shop().await;
    let anyone = kit.anonymous();
    let children = ids(&["A1", "B1", "nobody"]);
    assert_eq!(1, delete(&anyone, "ann", "orders", children).await.unwrap());
    assert_eq!(vec!["A2"], related(&anyone, "ann", "orders").await.unwrap());
    let orders = anyone.submit(Count::new("Order", Query::new())).await;
    assert_eq!(3, orders.unwrap());
}

#[tokio::test]
async fn children_are_chosen_by_a_condition() {
    let kit = shop().await;
    let anyone = kit.anonymous();
    let dear = || matching("total > 2");
    assert_eq!(1, add(&anyone, "ann", "orders", dear()).await.unwrap());
    assert_eq!(2, delete(&anyone, "ann", "orders", dear()).await.unwrap());
    assert_eq!(vec!["A2"], related(&anyone, "ann", "orders").await.unwrap());
    let tea = matching("lines.product = 'Tea'");
    assert_eq!(2, set(&anyone, "ann", "orders", tea).await.unwrap());
    assert_eq!(
        vec!["A1", "B1"],
        related(&anyone, "ann", "orders").await.unwrap()
    );
    let none = matching("total < 0");
    assert_eq!(0, delete(&anyone, "ann", "orders", none).await.unwrap());
}

#[tokio::test]
async fn a_condition_may_match_thousands_and_not_more_than_ten_thousand() {
    let kit = shop().await;
    let server = kit.code_runner();
    for _ in 0..26 {
        let rows = (0..100)
            .map(|number| record! { "pieces" => number })
            .collect();
        server.submit(BulkCreate::new("Line", rows)).await.unwrap();
    }
    let all = || matching("pieces >= 0");
    let event = AddRelation::new("Order", id("A2"), "lines", all());
    assert_eq!(2602, server.submit(event).await.unwrap());
    let event = SetRelation::new("Order", id("A2"), "lines", matching("pieces >= 50"));
    assert_eq!(1300, server.submit(event).await.unwrap());
    let event = DeleteRelation::new("Order", id("A2"), "lines", all());
    assert_eq!(1300, server.submit(event).await.unwrap());
    let many = (0..10_001).map(|number| id(&number.to_string())).collect();
    refused(
        8008,
        add(&kit.anonymous(), "ann", "orders", Children::Ids(many)).await,
    );
}

#[tokio::test]
async fn a_relation_to_one_holds_one() {
    let kit = shop().await;
    let anyone = kit.anonymous();
    shop::make(&kit, "Address", vec![record! { "objectId" => "work" }]).await;
    refused(1128, add(&anyone, "ann", "address", ids(&["work"])).await);
    refused(
        1128,
        add(&anyone, "ben", "address", ids(&["home", "work"])).await,
    );
    refused(
        1128,
        set(&anyone, "ben", "address", ids(&["home", "work"])).await,
    );
    refused(
        1128,
        set(&anyone, "ben", "address", matching("objectId != null")).await,
    );
    assert_eq!(
        0,
        add(&anyone, "ann", "address", ids(&["home"]))
            .await
            .unwrap()
    );
    assert_eq!(
        1,
        set(&anyone, "ann", "address", ids(&["work"]))
            .await
            .unwrap()
    );
    assert_eq!(
        vec!["work"],
        related(&anyone, "ann", "address").await.unwrap()
    );
    assert_eq!(0, related(&anyone, "ben", "address").await.unwrap().len());
}

#[tokio::test]
async fn a_record_may_be_related_to_itself() {
    let kit = shop().await;
    let anyone = kit.anonymous();
    assert_eq!(
        1,
        add(&anyone, "cid", "friends", ids(&["cid"])).await.unwrap()
    );
    let query = Query {
        relations_depth: Some(5),
        ..Query::new()
    };
    let cid = FindById::new("Customer", id("cid"), query);
    let mut cid = &anyone.submit(cid).await.unwrap();
    for _ in 0..5 {
        cid = &shop::many(cid, "friends")[0];
    }
    assert!(cid.related.is_empty());
    anyone
        .submit(Remove::new("Customer", id("cid")))
        .await
        .unwrap();
}

#[tokio::test]
async fn users_are_parents_and_children() {
    let kit = shop().await;
    let guest = kit.guest().await;
    let me = || Children::Ids(vec![guest.id().clone()]);
    assert_eq!(1, add(&guest, "ann", "account", me()).await.unwrap());
    let event = AddRelation::new(
        "Users",
        guest.id().clone(),
        "customers",
        ids(&["ann", "ben"]),
    );
    assert_eq!(2, guest.submit(event).await.unwrap());
    let by_user = Query::matching("customers.name = 'Ann'").load("customers.account");
    let found = guest.submit(Find::new("Users", by_user)).await.unwrap();
    let customers = shop::many(found[0].record().unwrap(), "customers");
    let ann = customers
        .iter()
        .find(|customer| customer.id() == &id("ann"));
    let Related::One(Some(account)) = &ann.unwrap().related["account"] else {
        panic!("{ann:?}");
    };
    assert_eq!(guest.id(), account.id());
    assert!(!account.properties.contains_key("password"));
}

#[tokio::test]
async fn relating_does_not_touch_the_records() {
    let kit = shop().await;
    let anyone = kit.anonymous();
    add(&anyone, "cid", "orders", ids(&["A1"])).await.unwrap();
    let cid = FindById::new("Customer", id("cid"), Query::new());
    assert_eq!(None, anyone.submit(cid).await.unwrap().updated());
}

#[tokio::test]
async fn what_is_not_there_has_the_code_of_the_contract() {
    let kit = shop().await;
    let anyone = kit.anonymous();
    let children = || ids(&["A1"]);
    for (parent, relation, code) in [
        ("nobody", "orders", 1000),
        ("ann", "nothing", 1127),
        ("ann", "name", 1127),
        ("ann", "nothing:Order:n", 1127),
        ("ann", "orders:Order:x", 8008),
        ("ann", "orders:Order", 8008),
        ("ann", "orders:Line:n", 1152),
        ("ann", "orders:Order:1", 1152),
    ] {
        refused(code, add(&anyone, parent, relation, children()).await);
        refused(code, set(&anyone, parent, relation, children()).await);
        refused(code, delete(&anyone, parent, relation, children()).await);
    }
    assert_eq!(
        0,
        add(&anyone, "ann", "orders:Order:n", children())
            .await
            .unwrap()
    );
    let event = AddRelation::new("Nothing", id("ann"), "orders", children());
    refused(1009, anyone.submit(event).await);
    for (clause, code) in [("nothing = 1", 1006), ("total = ", 1017), (" ", 1017)] {
        refused(code, add(&anyone, "ann", "orders", matching(clause)).await);
        refused(
            code,
            delete(&anyone, "ann", "orders", matching(clause)).await,
        );
    }
    refused(
        1000,
        add(&anyone, "nobody", "orders", matching("total > 0")).await,
    );
    refused(1000, related(&anyone, "nobody", "orders").await);
    refused(1127, related(&anyone, "ann", "nothing").await);
}

#[tokio::test]
async fn a_dynamic_schema_makes_relations_on_the_way() {
    let kit = shop().await;
    kit.set("schema.dynamic", true).await;
    let anyone = kit.anonymous();
    assert_eq!(
        1,
        add(&anyone, "ann", "gifts:Line:n", ids(&["tea"]))
            .await
            .unwrap()
    );
    assert_eq!(
        1,
        set(&anyone, "ben", "home:Address:1", ids(&["home"]))
            .await
            .unwrap()
    );
    assert_eq!(vec!["tea"], related(&anyone, "ann", "gifts").await.unwrap());
    assert_eq!(
        1,
        add(&anyone, "ann", "gifts:Line:n", ids(&["milk"]))
            .await
            .unwrap()
    );
    for (parent, relation, code) in [
        ("ann", "gifts:Line:1", 1152),
        ("ann", "Gifts:Line:n", 1152),
        ("ann", "name:Line:n", 1152),
        ("ann", "Name:Line:n", 1152),
        ("ann", "things:Nothing:n", 1150),
        ("ann", "select'\":Line:n", 1154),
        ("nobody", "wishes:Line:n", 1000),
    ] {
        refused(code, add(&anyone, parent, relation, ids(&["tea"])).await);
    }
    refused(
        1127,
        delete(&anyone, "ann", "wishes:Line:n", ids(&["tea"])).await,
    );
    let catalogue = kit.engine().catalogue().await.unwrap();
    let customer = catalogue.table("Customer").unwrap();
    assert!(
        customer.relation("wishes").is_none(),
        "a refused call makes nothing"
    );
}

#[tokio::test]
async fn two_calls_that_make_the_same_relation_at_once_both_work_out() {
    let kit = shop().await;
    kit.set("schema.dynamic", true).await;
    let anyone = kit.anonymous();
    let add = |child| add(&anyone, "ann", "gifts:Line:n", ids(&[child]));
    let (tea, milk) = tokio::join!(add("tea"), add("milk"));
    assert_eq!((1, 1), (tea.unwrap(), milk.unwrap()));
    assert_eq!(
        vec!["milk", "tea"],
        related(&anyone, "ann", "gifts").await.unwrap()
    );
}

#[tokio::test]
async fn strict_callers_relate_their_own_records_to_their_own() {
    let kit = shop::strict(TestKit::bare().profile(Profile::Strict))
        .start()
        .await;
    stock(&kit).await;
    let guest = kit.guest().await;
    let mine = record! { "objectId" => "mine" };
    guest.submit(Create::new("Customer", mine)).await.unwrap();
    let order = record! { "objectId" => "my-order", "total" => 1 };
    guest.submit(Create::new("Order", order)).await.unwrap();

    let children = ids(&["my-order", "A1"]);
    assert_eq!(1, add(&guest, "mine", "orders", children).await.unwrap());
    assert_eq!(
        1,
        set(&guest, "mine", "orders", matching("total > 0"))
            .await
            .unwrap()
    );
    refused(1000, add(&guest, "ann", "orders", ids(&["my-order"])).await);
    refused(1000, set(&guest, "ann", "orders", ids(&[])).await);
    refused(1000, delete(&guest, "ann", "orders", ids(&["A1"])).await);
    refused(1000, related(&guest, "ann", "orders").await);
    refused(
        1000,
        add(&kit.anonymous(), "mine", "orders", ids(&["my-order"])).await,
    );

    // What somebody else linked is there, and is not to be seen.
    shop::relate(&kit, ("Customer", "mine"), "orders", &["A1"]).await;
    assert_eq!(
        vec!["my-order"],
        related(&guest, "mine", "orders").await.unwrap()
    );
    assert_eq!(
        1,
        delete(&guest, "mine", "orders", matching("total > 0"))
            .await
            .unwrap()
    );
    assert_eq!(
        vec!["A1"],
        related(&kit.code_runner(), "mine", "orders").await.unwrap()
    );
}

#[tokio::test]
async fn related_records_are_loaded_by_query_and_with_relations_of_their_own() {
    let kit = shop().await;
    let query = Query::matching("total > 2").property("total").load("lines");
    let load = LoadRelations::new("Customer", id("ann"), "orders", query);
    let orders = kit.anonymous().submit(load).await.unwrap();
    assert_eq!(vec!["A1"], sorted(&orders));
    assert_eq!(1, orders[0].properties.len());
    assert_eq!(vec!["milk", "tea"], sorted(shop::many(&orders[0], "lines")));
    let page = Query::new().sort_by("total").page_size(1).offset(1);
    let load = LoadRelations::new("Customer", id("ann"), "orders", page);
    assert_eq!(
        vec!["A1"],
        sorted(&kit.anonymous().submit(load).await.unwrap())
    );
    let one = LoadRelations::new("Customer", id("ann"), "address", Query::new());
    assert_eq!(
        vec!["home"],
        sorted(&kit.anonymous().submit(one).await.unwrap())
    );
}

/// Nobody gets more than one order at a time.
#[before(table = "Customer", collect = false)]
async fn one_at_a_time(event: &mut AddRelation, _ctx: &Context) -> Result<Flow<AddRelation>> {
    if let Children::Ids(ids) = &mut event.children {
        ids.truncate(1);
    }
    Ok(Flow::Continue)
}

#[tokio::test]
async fn a_handler_changes_the_children() {
    let kit = shop::open(TestKit::with::<one_at_a_time>()).start().await;
    stock(&kit).await;
    assert_eq!(
        vec!["A1"],
        related(&kit.anonymous(), "ann", "orders").await.unwrap()
    );
}
