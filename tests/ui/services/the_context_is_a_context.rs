use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post(access = anyone)]
    async fn look(&self, _ctx: &Witness) -> Result<()> {
        Ok(())
    }
}

fn main() {}
