use vestibule::prelude::*;

trait Open {
    fn open(&self, ctx: &Context) -> impl Future<Output = Result<()>>;
}

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Open for Shop {
    #[post("/open", access = anyone)]
    async fn open(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
