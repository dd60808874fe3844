use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post("/open")]
    async fn open(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }

    #[post(access = everybody)]
    async fn close(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
