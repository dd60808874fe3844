//! A guest registers with an identity that somebody has: without a handler it is 3033; a handler
//! makes one user of the two.

mod plans;
mod proof;

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use vestibule::{prelude::*, table};
use vestibule_model::{Actor, Cardinality};
use vestibule_testkit::{TestClient, TestKit, TestKitBuilder};

use crate::shop::{many, refused};

table! {
    collect = false;
    Users { cart -> Cart, orders -> [Order], friends -> [Users], points: Int = 0 }
}
table! {
    collect = false;
    Cart { lines -> [Line], note: String }
}
table! {
    collect = false;
    Line { product: String, pieces: Int }
}
table! {
    collect = false;
    Order { total: Int, buyer -> Users }
}

/// How a test wants a conflict to be resolved.
type Planner = fn(&GuestConflict) -> MergePlan;

/// What the handler of this test saw, and what it is to do.
#[derive(Default)]
struct Script {
    conflicts: Mutex<Vec<GuestConflict>>,
    asked: AtomicU32,
    plan: Mutex<Option<Planner>>,
}

#[before(collect = false)]
async fn resolve(event: &mut GuestConflict, ctx: &Context) -> Result<Flow<GuestConflict>> {
    let script = ctx.state::<Script>();
    script.asked.fetch_add(1, Ordering::Relaxed);
    script.conflicts.lock().unwrap().push(event.clone());
    let plan = *script.plan.lock().unwrap();
    Ok(plan.map_or(Flow::Continue, |plan| Flow::Respond(plan(event))))
}

fn shop() -> TestKitBuilder {
    TestKit::with::<resolve>().schema(&[Users, Cart, Line, Order])
}

async fn kit_that_plans(plan: Planner) -> TestKit {
    let kit = shop().start().await;
    *kit.state::<Script>().plan.lock().unwrap() = Some(plan);
    kit
}

fn take_all(conflict: &GuestConflict) -> MergePlan {
    MergePlan::new()
        .take_everything(conflict.outlook())
        .keep_existing_on("cart")
}

fn conversion(id: &ObjectId, password: &str) -> ConvertGuest {
    let ann = record! { "email" => "Ann@example.com", "password" => password };
    ConvertGuest::new(id.clone(), ann)
}

async fn convert(guest: &TestClient<'_>, password: &str) -> Result<User> {
    guest.submit(conversion(guest.id(), password)).await
}

async fn make(client: &TestClient<'_>, table: &str, properties: Properties) -> Record {
    client.submit(Create::new(table, properties)).await.unwrap()
}

async fn relate(kit: &TestKit, (table, id): (&str, &ObjectId), relation: &str, to: &ObjectId) {
    let children = Children::Ids(vec![to.clone()]);
    let event = AddRelation::new(table, id.clone(), relation, children);
    kit.code_runner().submit(event).await.unwrap();
}

/// Gives this client a cart with a line, and an order that refers back.
async fn stock(kit: &TestKit, client: &TestClient<'_>) -> (Record, Record) {
    let cart = make(client, "Cart", record! {}).await;
    let line = make(
        client,
        "Line",
        record! { "product" => "tea", "pieces" => 1 },
    )
    .await;
    let order = make(client, "Order", record! { "total" => 7 }).await;
    relate(kit, ("Cart", cart.id()), "lines", line.id()).await;
    relate(kit, ("Users", client.id()), "cart", cart.id()).await;
    relate(kit, ("Users", client.id()), "orders", order.id()).await;
    relate(kit, ("Order", order.id()), "buyer", client.id()).await;
    (cart, order)
}

async fn load(kit: &TestKit, table: &str, id: &ObjectId, relations: &[&str]) -> Record {
    let query = relations
        .iter()
        .fold(Query::new(), |query, name| query.load(*name));
    let find = FindById::new(table, id.clone(), query);
    kit.code_runner().submit(find).await.unwrap()
}

async fn actions(kit: &TestKit) -> Vec<(Actor, String, Option<ObjectId>)> {
    let trail = kit.storage().audit(0, 20).await.unwrap();
    let trail = trail.into_iter();
    trail
        .filter(|record| record.action.contains("Guest"))
        .map(|record| (record.actor, record.action, record.subject))
        .collect()
}

#[tokio::test]
async fn a_handler_makes_one_user_of_the_two() {
    let kit = kit_that_plans(take_all).await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let (cart, order) = stock(&kit, &ann).await;
    let (cart_of_guest, order_of_guest) = stock(&kit, &guest).await;

    let user = convert(&guest, "secret").await.unwrap();
    assert_eq!(ann.id(), user.id());
    assert_eq!(None, kit.storage().user(guest.id()).await.unwrap());
    assert!(
        kit.storage()
            .sessions_of(guest.id())
            .await
            .unwrap()
            .is_empty()
    );

    let user = load(&kit, "Users", ann.id(), &["cart", "orders"]).await;
    let mut orders: Vec<_> = many(&user, "orders").iter().map(Record::id).collect();
    let mut both = vec![order.id(), order_of_guest.id()];
    orders.sort();
    both.sort();
    assert_eq!(both, orders);
    let Related::One(Some(kept)) = &user.related["cart"] else {
        panic!("{user:?}")
    };
    assert_eq!(cart.id(), kept.id(), "the plan said so");
    let order = load(&kit, "Order", order_of_guest.id(), &["buyer"]).await;
    let Related::One(Some(buyer)) = &order.related["buyer"] else {
        panic!("{order:?}")
    };
    assert_eq!(
        (ann.id(), Some(ann.id().as_str())),
        (buyer.id(), order.owner_id())
    );
    let left = load(&kit, "Cart", cart_of_guest.id(), &[]).await;
    assert_eq!(Some(ann.id().as_str()), left.owner_id());
}

#[tokio::test]
async fn the_token_of_the_guest_goes_on_as_the_existing_user() {
    let kit = kit_that_plans(take_all).await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    kit.advance(Duration::from_secs(3)).await;
    let user = convert(&guest, "secret").await.unwrap();
    assert_eq!(Some(kit.engine().now()), user.last_login);
    let roles = kit.engine().roles(guest.request().await).unwrap();
    assert_eq!(["AuthenticatedUser", "JSUser"], *roles);
    let own = FindById::new("Users", ann.id().clone(), Query::new());
    assert_eq!(ann.id(), guest.submit(own).await.unwrap().id());
    assert!(!ann.is_alive().await, "one session means one");
    let sessions = kit.storage().sessions_of(ann.id()).await.unwrap();
    assert_eq!(1, sessions.len());
    let stored = kit.storage().user(ann.id()).await.unwrap().unwrap();
    assert_eq!(user.last_login, stored.last_login);

    let token = guest.token().reveal();
    drop((ann, guest));
    let kit = kit.restart(Duration::from_secs(1)).await;
    let authentication = kit.engine().authenticate(&token).await.unwrap();
    assert!(
        matches!(authentication, vestibule_core::Authentication::Live(_)),
        "{authentication:?}"
    );
}

#[tokio::test]
async fn the_settings_for_several_logins_count_as_at_a_login() {
    let kit = kit_that_plans(take_all).await;
    kit.set("login.rejectSecondLogin", true).await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    refused(3002, convert(&guest, "secret").await);
    assert!(ann.is_alive().await && guest.is_alive().await);

    kit.set("login.multipleLogins", true).await;
    kit.set("login.maxConcurrentLogins", 1).await;
    refused(3044, convert(&guest, "secret").await);
    kit.set("login.maxConcurrentLogins", 2).await;
    convert(&guest, "secret").await.unwrap();
    assert!(ann.is_alive().await && guest.is_alive().await);
}

#[tokio::test]
async fn without_a_handler_it_is_3033_and_the_guest_stays_what_it_was() {
    let kit = TestKit::bare().start().await;
    let (_ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let before = kit.storage().user(guest.id()).await.unwrap();
    refused(3033, convert(&guest, "secret").await);
    assert_eq!(before, kit.storage().user(guest.id()).await.unwrap());
    assert!(guest.is_alive().await);
}

#[tokio::test]
async fn a_handler_that_resolves_nothing_changes_nothing() {
    let kit = shop().start().await;
    let (_ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let before = kit.storage().user(guest.id()).await.unwrap();
    refused(3033, convert(&guest, "secret").await);
    assert_eq!(before, kit.storage().user(guest.id()).await.unwrap());
    assert!(guest.is_alive().await);
    assert_eq!(1, kit.state::<Script>().asked.load(Ordering::Relaxed));
    assert!(actions(&kit).await.is_empty());
}

#[tokio::test]
async fn the_conflict_says_what_there_is() {
    let kit = shop().start().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    stock(&kit, &ann).await;
    stock(&kit, &guest).await;
    make(&guest, "Order", record! { "total" => 1 }).await;
    refused(3033, convert(&guest, "secret").await);
    let script = kit.state::<Script>();
    let conflicts = script.conflicts.lock().unwrap();
    let conflict = &conflicts[0];
    assert_eq!(
        (guest.id(), ann.id(), true),
        (
            conflict.guest().id(),
            conflict.existing().id(),
            conflict.proved()
        )
    );
    assert_eq!(1, conflict.properties().len(), "{conflict:?}");
    let outlook = conflict.outlook();
    let cart = outlook.relation("cart").unwrap();
    assert_eq!(
        (1, 1, Cardinality::OneToOne, true),
        (cart.guest, cart.existing, cart.cardinality, cart.collides())
    );
    let orders = outlook.relation("orders").unwrap();
    assert_eq!(
        (1, 1, false),
        (orders.guest, orders.existing, orders.collides())
    );
    let friends = outlook.relation("friends").unwrap();
    assert_eq!(
        (0, 0, false),
        (friends.guest, friends.existing, friends.collides())
    );
    let collisions: Vec<_> = outlook.collisions().map(|it| it.name.as_str()).collect();
    assert_eq!(vec!["cart"], collisions);
    let mut references: Vec<_> = outlook
        .references
        .iter()
        .map(|it| (it.table.as_str(), it.relation.as_str(), it.guest))
        .collect();
    references.sort_unstable();
    assert_eq!(
        vec![("Order", "buyer", 1), ("Users", "friends", 0)],
        references
    );
    let owned: Vec<_> = outlook
        .owned
        .iter()
        .map(|it| (it.table.as_str(), it.rows))
        .collect();
    assert_eq!(vec![("Cart", 1), ("Line", 1), ("Order", 2)], owned);
}

#[tokio::test]
async fn of_two_merges_at_once_exactly_one_wins() {
    let kit = kit_that_plans(take_all).await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let (one, other) = tokio::join!(convert(&guest, "secret"), convert(&guest, "secret"));
    let (won, lost) = if one.is_ok() {
        (one, other)
    } else {
        (other, one)
    };
    assert_eq!(ann.id(), won.unwrap().id());
    refused(3039, lost);
}

#[tokio::test]
async fn a_merge_and_a_removal_at_once_have_one_winner() {
    let kit = kit_that_plans(take_all).await;
    kit.register("ann@example.com").await;
    for _ in 0..5 {
        let (guest, runner) = (kit.guest().await, kit.code_runner());
        let (merged, removed) = tokio::join!(
            convert(&guest, "secret"),
            runner.submit(RemoveUser::new(guest.id().clone())),
        );
        assert!(merged.is_ok() || removed.is_ok());
        if let Err(error) = merged {
            assert_eq!(3039, error.code().number());
        }
        assert_eq!(None, kit.storage().user(guest.id()).await.unwrap());
    }
}

#[after(collect = false)]
async fn fail(
    _event: &ConvertGuest,
    outcome: Outcome<ConvertGuest>,
    _ctx: &Context,
) -> Outcome<ConvertGuest> {
    outcome?;
    Err(Error::refused(4242))
}

#[tokio::test]
async fn a_merge_whose_call_fails_lets_nobody_in_and_displaces_nobody() {
    let kit = shop().and::<fail>().start().await;
    *kit.state::<Script>().plan.lock().unwrap() = Some(take_all);
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    refused(4242, convert(&guest, "secret").await);
    assert_eq!(
        (true, false),
        (ann.is_alive().await, guest.is_alive().await)
    );
}

/// The events that observers saw, and what they came to.
#[derive(Default)]
struct Observed(Mutex<Vec<(&'static str, String)>>);

#[observe(collect = false)]
async fn note(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let observed = witness.state::<Observed>();
    let what = (seen.event, seen.output.to_string());
    observed.0.lock().unwrap().push(what);
    assert!(!seen.input.to_string().contains("secret"));
    Ok(())
}

#[tokio::test]
async fn observers_see_the_conflict_and_the_conversion() {
    let kit = shop().and::<note>().start().await;
    *kit.state::<Script>().plan.lock().unwrap() = Some(take_all);
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    convert(&guest, "secret").await.unwrap();
    let observed = kit.state::<Observed>();
    let observed = observed.0.lock().unwrap();
    let conflict = observed.iter().find(|(event, _)| *event == "guestConflict");
    assert!(conflict.unwrap().1.contains("\"orders\""), "{observed:?}");
    let converted = observed.iter().find(|(event, _)| *event == "convertGuest");
    assert!(
        converted.unwrap().1.contains(ann.id().as_str()),
        "{observed:?}"
    );
}
