use vestibule::prelude::*;

struct Shop;

#[service("shop")]
impl Shop {
    #[post("/open", access = anyone)]
    async fn open(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
