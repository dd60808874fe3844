use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post(access = anyone)]
    async fn order(&self, #[body] what: String, count: u8, _ctx: &Context) -> Result<usize> {
        Ok(what.len() * usize::from(count))
    }
}

fn main() {}
