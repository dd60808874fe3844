use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post("/open", access = anyone)]
    fn open(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
