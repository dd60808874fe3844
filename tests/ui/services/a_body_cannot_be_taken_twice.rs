use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post(access = anyone)]
    async fn order(&self, #[body] what: String, #[body] more: String, _ctx: &Context) -> Result<usize> {
        Ok(what.len() + more.len())
    }
}

fn main() {}
