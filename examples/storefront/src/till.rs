//! What a cart comes to: a question that the page asks, and the shop answers.

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

use crate::catalogue::product;

/// Lines that are read at once, the most that there can be on a page.
const PAGE: i64 = 100;

/// The service `shop`.
#[derive(Debug, Default)]
struct Till;

#[service("shop")]
impl Till {
    /// What is in the caller's cart, and what it costs today.
    #[get("/total", access = user)]
    async fn total(&self, ctx: &Context) -> Result<Total> {
        let Some(user) = ctx.call().caller.id() else {
            return Ok(Total::default());
        };
        let cloud = ctx.cloud();
        let users = cloud.data("Users");
        let carts = users.related(user, "cart", Query::new()).await?;
        let Some(cart) = carts.first() else {
            return Ok(Total::default());
        };
        let carts = cloud.data("Cart");
        let mut total = Total::default();
        // Page by page: a price for half of a long cart would be a wrong price.
        for number in 0.. {
            let page = Query::new().page_size(PAGE).offset(number * PAGE);
            let lines = carts.related(cart.id(), "lines", page).await?;
            if lines.is_empty() {
                break;
            }
            for line in &lines {
                total.add(line);
            }
        }
        Ok(total)
    }
}

/// What the page gets.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
struct Total {
    pieces: i64,
    price: f64,
}

impl Total {
    fn add(&mut self, line: &Record) {
        let pieces = line.get("quantity").as_integer().unwrap_or_default();
        let product = line.get("product").as_text().and_then(product);
        self.pieces += pieces;
        // A line has 99 pieces at most, so nothing is lost on the way.
        #[expect(clippy::cast_precision_loss, reason = "a quantity is a small number")]
        let times = pieces as f64;
        self.price += times * product.map_or(0.0, |product| product.price);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vestibule_testkit::{TestClient, TestKit};

    use super::*;

    /// The cart that the shop gave to a guest.
    async fn cart_of(guest: &TestClient<'_>) -> ObjectId {
        let user = FindById::new("Users", guest.id().clone(), Query::new().load("cart"));
        let user = guest.submit(user).await.expect("the guest reads itself");
        match &user.related["cart"] {
            Related::One(Some(cart)) => cart.id().clone(),
            other => panic!("no cart: {other:?}"),
        }
    }

    #[tokio::test]
    async fn a_cart_costs_what_its_lines_do_together() {
        let kit = TestKit::all().start().await;
        let guest = kit.guest().await;
        let total = guest.invoke("shop", "/total", json!({})).await;
        assert_eq!(Ok(json!({ "pieces": 0, "price": 0.0 })), total);

        let cart = cart_of(&guest).await;
        for (name, quantity) in [("honey", 2), ("apple", 1)] {
            let line = record! { "product" => name, "quantity" => quantity };
            let line = guest.submit(Create::new("CartLine", line)).await;
            let line = Children::Ids(vec![line.expect("the shop sells it").id().clone()]);
            let put = AddRelation::new("Cart", cart.clone(), "lines", line);
            assert_eq!(Ok(1), guest.submit(put).await);
        }
        let price = |name| product(name).expect("the shop sells it").price;
        let price = 2.0 * price("honey") + price("apple");
        let total = guest.invoke("shop", "/total", json!({})).await;
        assert_eq!(Ok(json!({ "pieces": 3, "price": price })), total);
    }

    #[tokio::test]
    async fn no_line_of_a_long_cart_is_forgotten() {
        let kit = TestKit::all().start().await;
        let guest = kit.guest().await;
        let mut lines = Vec::new();
        for _ in 0..=PAGE {
            let line = Create::new("CartLine", record! { "product" => "apple" });
            let line = guest.submit(line).await.expect("the shop sells it");
            lines.push(line.id().clone());
        }
        let cart = cart_of(&guest).await;
        let put = AddRelation::new("Cart", cart, "lines", Children::Ids(lines));
        guest.submit(put).await.expect("the cart is the guest's");
        let total = guest.invoke("shop", "/total", json!({})).await;
        assert_eq!(json!(PAGE + 1), total.expect("there is a cart")["pieces"]);
    }

    #[tokio::test]
    async fn who_is_not_logged_in_has_no_cart_to_ask_about() {
        let kit = TestKit::all().start().await;
        let denied = kit.anonymous().invoke("shop", "/total", json!({})).await;
        assert_eq!(ErrorCode::InvocationDenied, denied.unwrap_err().code());
        kit.expect_no_other_calls();
    }
}
