//! Records through cloud code: `ctx.cloud().data("Table")`.

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;
use vestibule_testkit::{TestKit, TestKitBuilder};

use crate::shop::{self, id, sorted};

/// Runs a handler of `LoginAsGuest` in the shop; what it asserts comes out as an error.
async fn run(kit: TestKitBuilder) -> (TestKit, LoggedIn) {
    let kit = shop::strict(kit).start().await;
    let login = kit.anonymous().submit(LoginAsGuest::default()).await;
    let login = login.unwrap_or_else(|error| panic!("{}", error.log()));
    (kit, login)
}

fn same<T: PartialEq + std::fmt::Debug>(expected: T, actual: T) -> Result<()> {
    if expected == actual {
        return Ok(());
    }
    Err(Error::internal(format!(
        "expected {expected:?}, got {actual:?}"
    )))
}

type Guests = Outcome<LoginAsGuest>;

#[after(collect = false)]
async fn every_operation(_event: &LoginAsGuest, outcome: Guests, ctx: &Context) -> Guests {
    let login = outcome?;
    let cloud = ctx.cloud().on_behalf_of(&login.user);
    let lines = cloud.data("Line");

    let tea = lines
        .create(record! { "product" => "Tea", "pieces" => 1 })
        .await?;
    same(Some(login.user.id().as_str()), tea.owner_id())?;
    let tea = lines.update(tea.id(), record! { "pieces" => 2 }).await?;
    same(&Value::from(2), tea.get("pieces"))?;
    let milk = record! { "objectId" => "milk", "product" => "Milk", "pieces" => 5 };
    let milk = lines.upsert(milk).await?;
    same("milk", milk.id().as_str())?;
    let rows = vec![record! { "product" => "Jam" }, record! {}];
    same(2, lines.bulk_create(rows).await?.len())?;
    let rows = vec![record! { "objectId" => "milk", "pieces" => 6 }];
    same(vec![id("milk")], lines.bulk_upsert(rows).await?)?;
    same(
        2,
        lines
            .bulk_update("pieces = null", record! { "pieces" => 0 })
            .await?,
    )?;
    same(4, lines.count(Query::new()).await?)?;
    same(
        vec!["milk".to_owned()],
        sorted(&lines.find(Query::matching("pieces > 2")).await?),
    )?;
    same(None, lines.find_by_id(&id("nothing")).await?)?;
    same(
        Some(&Value::from(6)),
        lines
            .find_by_id(&id("milk"))
            .await?
            .as_ref()
            .map(|milk| milk.get("pieces")),
    )?;
    let sum = Query::new().property("Sum(pieces) as pieces");
    same(
        vec![record! { "pieces" => 8 }],
        lines.compute(sum.clone()).await?,
    )?;
    same(
        8008,
        lines
            .find(sum)
            .await
            .map_or_else(|error| error.code().number(), |_| 0),
    )?;

    let orders = cloud.data("Order");
    let order = orders.create(record! { "total" => 1.5 }).await?;
    let by_id = order.id();
    same(
        2,
        orders.relate(by_id, "lines", [tea.id(), milk.id()]).await?,
    )?;
    same(2, orders.related(by_id, "lines", Query::new()).await?.len())?;
    same(
        1,
        orders
            .set_related(by_id, "lines", vec![tea.id().clone()])
            .await?,
    )?;
    same(
        1,
        orders
            .unrelate(by_id, "lines", Children::Matching("pieces = 2".to_owned()))
            .await?,
    )?;
    let query = Query::new().load("lines");
    let found = orders.find_by_id_with(by_id, query).await?;
    same(
        Some(0),
        found.map(|order| shop::many(&order, "lines").len()),
    )?;

    let groups = GroupQuery {
        query: Query::new().group_by("pieces"),
        ..GroupQuery::default()
    };
    let path = vestibule::GroupStep {
        column: "pieces".to_owned(),
        value: Value::from(0),
    };
    same(false, lines.group(groups.clone()).await?.has_next_page)?;
    let zero = GroupQuery {
        path: vec![path],
        ..groups
    };
    same(2, lines.count_in_group(zero).await?)?;

    let removed = lines.remove(milk.id()).await?;
    same(ctx.now(), removed)?;
    same(3, lines.bulk_remove("pieces < 3").await?)?;
    same(0, lines.count(Query::new()).await?)?;
    Ok(login)
}

#[tokio::test]
async fn server_code_does_to_records_what_a_client_can() {
    run(TestKit::with::<every_operation>()).await;
}

/// The example of the design.
#[after(collect = false)]
async fn open_cart(_event: &LoginAsGuest, outcome: Guests, ctx: &Context) -> Guests {
    let login = outcome?;
    let cloud = ctx.cloud().on_behalf_of(&login.user);
    let order = cloud.data("Order").create(record! { "total" => 0 }).await?;
    let customer = cloud
        .data("Customer")
        .create(record! { "name" => "Guest" })
        .await?;
    cloud
        .data("Customer")
        .relate(customer.id(), "orders", [order.id()])
        .await?;
    cloud
        .data("Users")
        .relate(login.user.id(), "customers", [customer.id()])
        .await?;
    Ok(login)
}

#[tokio::test]
async fn a_guest_finds_the_cart_that_a_handler_hung_on_it() {
    let (kit, login) = run(TestKit::with::<open_cart>()).await;
    let guest = kit.anonymous().logged_in(&login);
    let query = Query::new().load("customers.orders");
    let me = FindById::new("Users", guest.id().clone(), query);
    let me = guest.submit(me).await.unwrap();
    let order = &shop::many(&shop::many(&me, "customers")[0], "orders")[0];
    assert_eq!(Some(guest.id().as_str()), order.owner_id());
    let stranger = kit.guest().await;
    let found = stranger
        .submit(FindById::new("Order", order.id().clone(), Query::new()))
        .await;
    shop::refused(1000, found);
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Buyer {
    name: String,
    age: Option<u8>,
    since: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    object_id: String,
    created: i64,
    orders: Vec<Bought>,
}

#[derive(Debug, Deserialize)]
struct Bought {
    total: f64,
}

#[after(collect = false)]
async fn with_structs(_event: &LoginAsGuest, outcome: Guests, ctx: &Context) -> Guests {
    let login = outcome?;
    let customers = ctx.cloud().data("Customer");
    let buyer = Buyer {
        name: "Ünï 'x'".to_owned(),
        age: Some(7),
        since: ctx.now().as_millis(),
    };
    let record = customers.create_from(&buyer).await?;
    let clause = format!("name = {}", quoted(&buyer.name));
    let found: Vec<Buyer> = customers.find_as(Query::matching(clause)).await?;
    same(vec![buyer], found)?;

    let order = ctx
        .cloud()
        .data("Order")
        .create(record! { "total" => 3 })
        .await?;
    customers
        .relate(record.id(), "orders", [order.id()])
        .await?;
    let stored: Vec<Stored> = customers.find_as(Query::new().load("orders")).await?;
    same(record.id().as_str(), &*stored[0].object_id)?;
    same(ctx.now().as_millis(), stored[0].created)?;
    same(3.0, stored[0].orders[0].total)?;

    customers.create(record! { "name" => "no date" }).await?;
    let Err(error) = customers.find_as::<Buyer>(Query::new()).await else {
        return Err(Error::internal("a null became a date"));
    };
    same(true, error.is_internal() && error.log().contains("'since'"))?;
    Ok(login)
}

#[tokio::test]
async fn records_become_structs_and_structs_become_records() {
    run(TestKit::with::<with_structs>()).await;
}

#[after(collect = false)]
async fn make_users(_event: &LoginAsGuest, outcome: Guests, ctx: &Context) -> Guests {
    let login = outcome?;
    let users = ctx.cloud().data("Users");
    let ann = record! { "email" => "ann@example.com", "password" => "secret" };
    let ann = users.create(ann).await?;
    same(false, ann.properties.contains_key("password"))?;
    let ann = users.update(ann.id(), record! { "name" => "Ann" }).await?;
    same(&Value::from("Ann"), ann.get("name"))?;
    let ben = record! { "email" => "ben@example.com", "password" => "secret" };
    let ben = users.create(ben).await?;
    users.remove(ben.id()).await?;
    same(None, users.find_by_id(ben.id()).await?)?;
    Ok(login)
}

#[derive(Default)]
struct Seen(std::sync::Mutex<Vec<String>>);

#[observe(collect = false)]
async fn watch(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let seen_events = witness.state::<Seen>();
    seen_events.0.lock().unwrap().push(seen.event.to_owned());
    Ok(())
}

fn seen(kit: &TestKit) -> Vec<String> {
    let mut seen = kit.state::<Seen>().0.lock().unwrap().clone();
    seen.sort();
    seen
}

#[tokio::test]
async fn rows_of_users_are_written_by_the_events_of_users() {
    let (kit, _) = run(TestKit::with::<make_users>().and::<watch>()).await;
    assert_eq!(
        [
            "findById",
            "loginAsGuest",
            "register",
            "register",
            "removeUser",
            "updateUser"
        ],
        seen(&kit)[..]
    );
    let ann = kit.log_in("ann@example.com").await;
    assert_eq!(Some("Ann"), ann.user().name());
}

/// An order that costs something is made twice.
#[after(table = "Order", collect = false)]
async fn doubled(_event: &Create, outcome: Outcome<Create>, ctx: &Context) -> Outcome<Create> {
    let order = outcome?;
    let cloud = ctx.cloud();
    let copy = record! { "total" => 0 };
    match order.get("total") {
        Value::Double(total) if *total > 10.0 => cloud.data("Order").create(copy).await?,
        _ => cloud.quietly().data("Order").create(copy).await?,
    };
    Ok(order)
}

#[tokio::test]
async fn a_handler_that_enters_its_own_event_again_is_refused_unless_quietly() {
    let kit = shop::open(TestKit::with::<doubled>().and::<watch>())
        .start()
        .await;
    let make = |total: i32| Create::new("Order", record! { "total" => total });
    kit.anonymous().submit(make(1)).await.unwrap();
    assert_eq!(["create", "create"], seen(&kit)[..]);
    let error = kit.anonymous().submit(make(11)).await.unwrap_err();
    assert!(
        error.log().contains("create of Order > create of Order"),
        "{}",
        error.log()
    );
}
