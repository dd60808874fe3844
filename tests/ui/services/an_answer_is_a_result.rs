use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[get("/hour", access = anyone)]
    async fn hour(&self, _ctx: &Context) -> u8 {
        8
    }
}

fn main() {}
