use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[get("/orders", access = anyone)]
    async fn orders(&self, #[body] filter: String, _ctx: &Context) -> Result<String> {
        Ok(filter)
    }
}

fn main() {}
