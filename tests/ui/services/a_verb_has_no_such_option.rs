use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post("/open", access = anyone, order = 1, on_failure = "open", timeout = "1h")]
    async fn open(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
