//! `merge_carts` as a shop's visitor meets it.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

use guest_cart::merge_carts;
use vestibule::prelude::*;
use vestibule_testkit::{TestClient, TestKit};

table! {
    collect = false;
    Users { cart -> Cart, address -> Address }
}
table! {
    collect = false;
    Cart { lines -> [CartLine] }
}
table! {
    collect = false;
    CartLine { product: String, quantity: Int, price: Double }
}
table! {
    collect = false;
    Address { town: String }
}

async fn shop() -> TestKit {
    let kit = TestKit::with::<merge_carts>().schema(&[Users, Cart, CartLine, Address]);
    kit.start().await
}

/// Relates a user to a cart with these products and quantities.
async fn fill(client: &TestClient<'_>, products: &[(&str, i64)]) -> ObjectId {
    let cart = client
        .submit(Create::new("Cart", record! {}))
        .await
        .unwrap();
    relate(client, ("Users", client.id()), "cart", &cart).await;
    for (product, quantity) in products {
        let line = record! { "product" => *product, "quantity" => *quantity };
        let line = client.submit(Create::new("CartLine", line)).await.unwrap();
        relate(client, ("Cart", cart.id()), "lines", &line).await;
    }
    cart.id().clone()
}

async fn relate(client: &TestClient<'_>, (table, id): (&str, &ObjectId), name: &str, to: &Record) {
    let children = Children::Ids(vec![to.id().clone()]);
    let event = AddRelation::new(table, id.clone(), name, children);
    client.submit(event).await.unwrap();
}

async fn register(guest: &TestClient<'_>, password: &str) -> Result<User> {
    let ann = record! { "email" => "ann@example.com", "password" => password };
    guest
        .submit(ConvertGuest::new(guest.id().clone(), ann))
        .await
}

/// The cart of a user, and the products in it with their quantities.
async fn cart_of(kit: &TestKit, user: &ObjectId) -> (ObjectId, Vec<(String, i64)>) {
    let mut query = Query::new().load("cart").load("cart.lines");
    query.relations_page_size = Some(100);
    let find = FindById::new("Users", user.clone(), query);
    let user = kit.code_runner().submit(find).await.unwrap();
    let Related::One(Some(cart)) = &user.related["cart"] else {
        panic!("{user:?}")
    };
    let Related::Many(lines) = &cart.related["lines"] else {
        panic!("{cart:?}")
    };
    let mut lines: Vec<_> = lines
        .iter()
        .map(|line| {
            let product = line.get("product").as_text().unwrap().to_owned();
            (product, line.get("quantity").as_integer().unwrap())
        })
        .collect();
    lines.sort();
    (cart.id().clone(), lines)
}

fn lines(lines: &[(&str, i64)]) -> Vec<(String, i64)> {
    let line = |(product, quantity): &(&str, i64)| ((*product).to_owned(), *quantity);
    lines.iter().map(line).collect()
}

async fn count(kit: &TestKit, table: &str) -> u64 {
    let all = Count::new(table, Query::new());
    kit.code_runner().submit(all).await.unwrap()
}

#[tokio::test]
async fn two_carts_become_one_and_quantities_are_added_up() {
    let kit = shop().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let cart = fill(&ann, &[("tea", 1), ("milk", 60)]).await;
    fill(&guest, &[("tea", 2), ("jam", 3), ("milk", 60), ("tea", 4)]).await;
    let user = register(&guest, "secret").await.unwrap();
    assert_eq!(ann.id(), user.id());
    let expected = lines(&[("jam", 3), ("milk", 99), ("tea", 7)]);
    assert_eq!((cart, expected), cart_of(&kit, ann.id()).await);
    assert_eq!(
        (1, 3),
        (count(&kit, "Cart").await, count(&kit, "CartLine").await)
    );

    // The guest's browser goes on as Ann, and all of the cart is hers.
    let own = guest.submit(Find::new("CartLine", Query::new())).await;
    assert_eq!(3, own.unwrap().len());
}

#[tokio::test]
async fn a_cart_that_is_the_only_one_stays() {
    let kit = shop().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let cart = fill(&guest, &[("tea", 2)]).await;
    register(&guest, "secret").await.unwrap();
    let merged = (cart, lines(&[("tea", 2)]));
    assert_eq!(merged, cart_of(&kit, ann.id()).await);

    let next = kit.guest().await;
    register(&next, "secret").await.unwrap();
    assert_eq!(merged, cart_of(&kit, ann.id()).await);
}

#[tokio::test]
async fn what_else_the_guest_has_is_the_users_but_for_what_there_is_one_of() {
    let kit = shop().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    for (client, town) in [(&ann, "Rome"), (&guest, "Oslo")] {
        let address = Create::new("Address", record! { "town" => town });
        let address = client.submit(address).await.unwrap();
        relate(client, ("Users", client.id()), "address", &address).await;
    }
    register(&guest, "secret").await.unwrap();
    let find = FindById::new("Users", ann.id().clone(), Query::new().load("address"));
    let user = guest.submit(find).await.unwrap();
    let Related::One(Some(address)) = &user.related["address"] else {
        panic!("{user:?}")
    };
    assert_eq!(Some("Rome"), address.get("town").as_text());
    let both = guest.submit(Find::new("Address", Query::new())).await;
    assert_eq!(2, both.unwrap().len(), "Oslo is hers as well");
}

#[tokio::test]
async fn a_cart_with_too_many_lines_to_compare_just_moves() {
    let kit = shop().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    fill(&ann, &[("tea", 1)]).await;
    fill(&guest, &[("tea", 1); 201]).await;
    register(&guest, "secret").await.unwrap();
    assert_eq!(
        (1, 202),
        (count(&kit, "Cart").await, count(&kit, "CartLine").await)
    );
}

#[tokio::test]
async fn without_the_password_both_carts_stay_where_they_are() {
    let kit = shop().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    fill(&ann, &[("tea", 1)]).await;
    fill(&guest, &[("tea", 2)]).await;
    let error = register(&guest, "wrong").await.unwrap_err();
    assert_eq!(3033, error.code().number());
    assert_eq!(lines(&[("tea", 1)]), cart_of(&kit, ann.id()).await.1);
    assert_eq!(lines(&[("tea", 2)]), cart_of(&kit, guest.id()).await.1);
}

#[tokio::test]
async fn a_cart_that_both_have_stays_as_it_is() {
    let kit = shop().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let cart = fill(&ann, &[("tea", 1)]).await;
    let shared = FindById::new("Cart", cart.clone(), Query::new());
    let shared = kit.code_runner().submit(shared).await.unwrap();
    relate(&kit.code_runner(), ("Users", guest.id()), "cart", &shared).await;
    register(&guest, "secret").await.unwrap();
    assert_eq!((cart, lines(&[("tea", 1)])), cart_of(&kit, ann.id()).await);
}

#[tokio::test]
async fn a_line_that_is_in_both_carts_is_not_added_to_itself() {
    let kit = shop().await;
    let (ann, guest) = (kit.user("ann@example.com").await, kit.guest().await);
    let cart = fill(&ann, &[("tea", 1)]).await;
    let cart_of_guest = fill(&guest, &[("jam", 2)]).await;
    let tea = Find::new("CartLine", Query::matching("product = 'tea'"));
    let tea = kit.code_runner().submit(tea).await.unwrap().remove(0);
    let tea = Children::Ids(vec![tea.record().unwrap().id().clone()]);
    let tea = AddRelation::new("Cart", cart_of_guest, "lines", tea);
    kit.code_runner().submit(tea).await.unwrap();
    register(&guest, "secret").await.unwrap();
    let merged = lines(&[("jam", 2), ("tea", 1)]);
    assert_eq!((cart, merged), cart_of(&kit, ann.id()).await);
}
