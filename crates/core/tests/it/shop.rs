//! A small shop that several tests read and write.

use vestibule::{prelude::*, table};
use vestibule_testkit::{Profile, TestKit, TestKitBuilder};

table! {
    collect = false;
    pub(crate) Customer {
        name: String,
        age: Int,
        city: String,
        since: DateTime,
        address -> Address,
        orders -> [Order],
        friends -> [Customer],
        account -> Users,
    }
}

table! {
    collect = false;
    pub(crate) Order { total: Double, lines -> [Line] }
}

table! {
    collect = false;
    pub(crate) Line { product: String, pieces: Int }
}

table! {
    collect = false;
    pub(crate) Address { town: String }
}

table! {
    collect = false;
    pub(crate) Users { customers -> [Customer] }
}

/// The shop, where everything is granted and the schema is fixed.
pub(crate) fn open(builder: TestKitBuilder) -> TestKitBuilder {
    strict(builder)
        .profile(Profile::Backendless)
        .setting("schema.dynamic", false)
}

/// The shop, where callers reach what they own.
pub(crate) fn strict(builder: TestKitBuilder) -> TestKitBuilder {
    builder.schema(&[Customer, Order, Line, Address, Users])
}

/// Records with these ids, made without an owner.
pub(crate) async fn make(kit: &TestKit, table: &str, rows: Vec<Properties>) -> Vec<ObjectId> {
    let mut ids = Vec::new();
    for row in rows {
        let created = kit.code_runner().submit(Create::new(table, row)).await;
        ids.push(created.unwrap().id().clone());
    }
    ids
}

pub(crate) fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

pub(crate) fn ids(texts: &[&str]) -> Children {
    Children::Ids(texts.iter().map(|text| id(text)).collect())
}

/// Relates records as trusted server code would.
pub(crate) async fn relate(
    kit: &TestKit,
    (table, parent): (&str, &str),
    relation: &str,
    children: &[&str],
) {
    let event = AddRelation::new(table, id(parent), relation, ids(children));
    kit.code_runner().submit(event).await.unwrap();
}

/// Ann (30, Rome), Ben (25, Rome) and Cid (no age, no city), with orders, lines and addresses:
/// Ann ordered A1 (tea, milk) and A2; Ben ordered B1 (tea).
pub(crate) async fn stock(kit: &TestKit) {
    let customers = vec![
        record! { "objectId" => "ann", "name" => "Ann", "age" => 30, "city" => "Rome" },
        record! { "objectId" => "ben", "name" => "Ben", "age" => 25, "city" => "Rome" },
        record! { "objectId" => "cid", "name" => "Cid" },
    ];
    make(kit, "Customer", customers).await;
    let orders = vec![
        record! { "objectId" => "A1", "total" => 7.5 },
        record! { "objectId" => "A2", "total" => 1.0 },
        record! { "objectId" => "B1", "total" => 3.0 },
    ];
    make(kit, "Order", orders).await;
    let lines = vec![
        record! { "objectId" => "tea", "product" => "Tea", "pieces" => 2 },
        record! { "objectId" => "milk", "product" => "Milk", "pieces" => 1 },
    ];
    make(kit, "Line", lines).await;
    make(
        kit,
        "Address",
        vec![record! { "objectId" => "home", "town" => "Rome" }],
    )
    .await;
    relate(kit, ("Customer", "ann"), "orders", &["A1", "A2"]).await;
    relate(kit, ("Customer", "ben"), "orders", &["B1"]).await;
    relate(kit, ("Order", "A1"), "lines", &["tea", "milk"]).await;
    relate(kit, ("Order", "B1"), "lines", &["tea"]).await;
    relate(kit, ("Customer", "ann"), "address", &["home"]).await;
    relate(kit, ("Customer", "ann"), "friends", &["ann", "ben"]).await;
    relate(kit, ("Customer", "ben"), "friends", &["ann"]).await;
}

/// The related records of one relation, which must have been loaded and be a list.
pub(crate) fn many<'r>(record: &'r Record, relation: &str) -> &'r [Record] {
    match record.related.get(relation) {
        Some(Related::Many(records)) => records,
        other => panic!("{relation} is {other:?}"),
    }
}

/// The ids of records, sorted.
pub(crate) fn sorted(records: &[Record]) -> Vec<String> {
    let mut ids: Vec<_> = records
        .iter()
        .map(|record| record.id().to_string())
        .collect();
    ids.sort();
    ids
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(code: i32, outcome: Result<T>) {
    assert_eq!(code, outcome.unwrap_err().code().number());
}
