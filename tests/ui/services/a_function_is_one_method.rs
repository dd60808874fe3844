use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[get("/open", access = anyone)]
    #[post("/open", access = anyone)]
    async fn open(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
