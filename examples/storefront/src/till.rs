//! What a cart comes to: a question that the page asks, and the shop answers.

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

use crate::catalogue::product;

/// The lines of a cart that are added up, the most that there can be on a page.
const LINES_AT_MOST: i64 = 100;

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
        let page = Query::new().page_size(LINES_AT_MOST);
        let lines = cloud.data("Cart").related(cart.id(), "lines", page).await?;
        let mut total = Total::default();
        for line in &lines {
            let quantity = line.get("quantity").as_integer().unwrap_or_default();
            let product = line.get("product").as_text().and_then(product);
            total.add(product.map_or(0.0, |product| product.price), quantity);
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
    fn add(&mut self, price: f64, quantity: i64) {
        self.pieces += quantity;
        // A line has 99 pieces at most, so nothing is lost on the way.
        #[expect(clippy::cast_precision_loss, reason = "a quantity is a small number")]
        let quantity = quantity as f64;
        self.price += price * quantity;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vestibule_testkit::TestKit;

    use super::*;

    #[tokio::test]
    async fn a_cart_costs_what_its_lines_do_together() {
        let kit = TestKit::all().start().await;
        let guest = kit.guest().await;
        let total = guest.invoke("shop", "/total", json!({})).await;
        assert_eq!(Ok(json!({ "pieces": 0, "price": 0.0 })), total);

        let user = FindById::new("Users", guest.id().clone(), Query::new().load("cart"));
        let user = guest.submit(user).await.expect("the guest reads itself");
        let Related::One(Some(cart)) = &user.related["cart"] else {
            panic!("no cart: {user:?}");
        };
        for (name, quantity) in [("honey", 2), ("apple", 1)] {
            let line = record! { "product" => name, "quantity" => quantity };
            let line = guest.submit(Create::new("CartLine", line)).await;
            let line = Children::Ids(vec![line.expect("the shop sells it").id().clone()]);
            let put = AddRelation::new("Cart", cart.id().clone(), "lines", line);
            assert_eq!(Ok(1), guest.submit(put).await);
        }
        let price = |name| product(name).expect("the shop sells it").price;
        let price = 2.0 * price("honey") + price("apple");
        let total = guest.invoke("shop", "/total", json!({})).await;
        assert_eq!(Ok(json!({ "pieces": 3, "price": price })), total);
    }

    #[tokio::test]
    async fn who_is_not_logged_in_has_no_cart_to_ask_about() {
        let kit = TestKit::all().start().await;
        let denied = kit.anonymous().invoke("shop", "/total", json!({})).await;
        assert_eq!(ErrorCode::InvocationDenied, denied.unwrap_err().code());
        kit.expect_no_other_calls();
    }
}
