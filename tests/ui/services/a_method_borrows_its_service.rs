use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post("/open", access = anyone)]
    async fn open(&mut self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    #[post("/close", access = anyone)]
    async fn close(_ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
