use vestibule::prelude::*;

struct Order {
    number: u8,
}

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post(access = anyone)]
    async fn order(&self, what: Order, _ctx: &Context) -> Result<u8> {
        Ok(what.number)
    }
}

fn main() {}
