use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[get("/orders/{id}.pdf", access = anyone)]
    async fn order(&self, id: u32, _ctx: &Context) -> Result<u32> {
        Ok(id)
    }
}

fn main() {}
