use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[get("orders", access = anyone)]
    async fn orders(&self, _ctx: &Context) -> Result<u32> {
        Ok(0)
    }
}

fn main() {}
