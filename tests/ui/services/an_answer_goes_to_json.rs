use vestibule::prelude::*;

struct Order;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[get("/order", access = anyone)]
    async fn order(&self, _ctx: &Context) -> Result<Order> {
        Ok(Order)
    }
}

fn main() {}
