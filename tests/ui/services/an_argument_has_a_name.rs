use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post(access = anyone)]
    async fn order(&self, (what, count): (String, u8), _: u8, _ctx: &Context) -> Result<u8> {
        let _ = what;
        Ok(count)
    }
}

fn main() {}
