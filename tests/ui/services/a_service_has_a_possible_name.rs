use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("my shop")]
impl Shop {
    #[post("/open", access = anyone)]
    async fn open(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
