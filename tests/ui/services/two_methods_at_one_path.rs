use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[get("/{a}", access = anyone)]
    async fn first(&self, a: u8, _ctx: &Context) -> Result<u8> {
        Ok(a)
    }

    #[get("/{b}", access = anyone)]
    async fn second(&self, b: u8, _ctx: &Context) -> Result<u8> {
        Ok(b)
    }
}

fn main() {}
