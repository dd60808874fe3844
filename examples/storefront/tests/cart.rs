//! The shop, tested without a server: its handlers and its tables on the real engine.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

use storefront as _;
use vestibule::prelude::*;
use vestibule_testkit::{TestClient, TestKit};

/// The visitor with the cart and what is in it, as the page reads them.
async fn read(guest: &TestClient<'_>) -> Record {
    let query = Query::new().load("cart").load("cart.lines");
    let find = FindById::new("Users", guest.id().clone(), query);
    guest.submit(find).await.unwrap()
}

fn cart(user: &Record) -> &Record {
    match &user.related["cart"] {
        Related::One(Some(cart)) => cart,
        other => panic!("{other:?}"),
    }
}

fn lines(user: &Record) -> &[Record] {
    match &cart(user).related["lines"] {
        Related::Many(lines) => lines,
        other => panic!("{other:?}"),
    }
}

/// Puts a product into the cart, as the page does.
async fn put(guest: &TestClient<'_>, line: Properties) -> Result<()> {
    let line = guest.submit(Create::new("CartLine", line)).await?;
    let cart = cart(&read(guest).await).id().clone();
    let children = Children::Ids(vec![line.id().clone()]);
    let linked = guest
        .submit(AddRelation::new("Cart", cart, "lines", children))
        .await?;
    assert_eq!(1, linked);
    Ok(())
}

#[tokio::test]
async fn a_guest_has_an_empty_cart_and_owns_it() {
    let kit = TestKit::all().start().await;
    let guest = kit.guest().await;
    let user = read(&guest).await;
    assert_eq!(Some(guest.id().as_str()), cart(&user).owner_id());
    assert!(lines(&user).is_empty());
}

#[tokio::test]
async fn a_line_costs_what_the_shop_says() {
    let kit = TestKit::all().start().await;
    let guest = kit.guest().await;
    put(&guest, record! { "product" => "honey", "price" => 0.01 })
        .await
        .unwrap();
    let user = read(&guest).await;
    let [line] = lines(&user) else {
        panic!("{user:?}")
    };
    assert_eq!(&Value::from(5.5), line.get("price"));
    assert_eq!(Some(1), line.get("quantity").as_integer());

    let cheaper = record! { "quantity" => 3, "price" => 0.01 };
    let update = Update::new("CartLine", line.id().clone(), cheaper);
    let line = guest.submit(update).await.unwrap();
    assert_eq!(&Value::from(5.5), line.get("price"));
    assert_eq!(Some(3), line.get("quantity").as_integer());
}

#[tokio::test]
async fn what_the_shop_does_not_sell_stays_out_of_the_cart() {
    let kit = TestKit::all().start().await;
    let guest = kit.guest().await;
    for line in [
        record! { "product" => "caviar" },
        record! { "product" => "apple", "quantity" => 0 },
        record! { "product" => "apple", "quantity" => 100 },
        record! { "quantity" => 1 },
    ] {
        let refused = put(&guest, line).await.unwrap_err();
        assert_eq!(20_100, refused.code().number());
    }
    let unpriced = vec![record! { "product" => "honey" }];
    let refused = guest.submit(BulkCreate::new("CartLine", unpriced)).await;
    assert_eq!(20_100, refused.unwrap_err().code().number());
    assert!(lines(&read(&guest).await).is_empty());
}

#[tokio::test]
async fn nobody_else_sees_the_cart() {
    let kit = TestKit::all().start().await;
    let (guest, other) = (kit.guest().await, kit.guest().await);
    let cart = cart(&read(&guest).await).id().clone();
    let find = FindById::new("Cart", cart.clone(), Query::new());
    let refused = other.submit(find).await.unwrap_err();
    assert_eq!(1000, refused.code().number());
    let empty = SetRelation::new("Cart", cart, "lines", Children::Ids(Vec::new()));
    assert_eq!(1000, other.submit(empty).await.unwrap_err().code().number());
}

/// Registers a guest, as the page's form does.
async fn keep(guest: &TestClient<'_>) -> User {
    let ann = record! { "email" => "ann@example.com", "password" => "a good password" };
    let event = ConvertGuest::new(guest.id().clone(), ann);
    guest.submit(event).await.unwrap()
}

#[tokio::test]
async fn two_carts_of_one_person_become_one() {
    let kit = TestKit::all().start().await;
    let (first, second) = (kit.guest().await, kit.guest().await);
    put(&first, record! { "product" => "apple" }).await.unwrap();
    put(&first, record! { "product" => "honey" }).await.unwrap();
    put(&second, record! { "product" => "apple", "quantity" => 2 })
        .await
        .unwrap();
    assert_eq!(first.id(), keep(&first).await.id());
    let ann = keep(&second).await;
    assert_eq!(first.id(), ann.id());

    let query = Query::new().load("cart").load("cart.lines");
    let user = FindById::new("Users", ann.id().clone(), query);
    let user = second.submit(user).await.unwrap();
    let mut lines: Vec<_> = lines(&user)
        .iter()
        .map(|line| (line.get("product").as_text(), line.get("quantity").clone()))
        .collect();
    lines.sort_by_key(|(product, _)| *product);
    let (apple, honey) = (Some("apple"), Some("honey"));
    assert_eq!(
        vec![(apple, Value::from(3)), (honey, Value::from(1))],
        lines
    );
}
