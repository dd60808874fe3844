use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post(access = anyone)]
    async fn order(&self, what: &str, _ctx: &Context) -> Result<usize> {
        Ok(what.len())
    }

    #[post(access = anyone)]
    async fn cancel(&self, which: impl Into<u32>, _ctx: &Context) -> Result<u32> {
        Ok(which.into())
    }
}

fn main() {}
