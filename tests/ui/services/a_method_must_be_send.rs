use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post("/open", access = anyone)]
    async fn open(&self, _ctx: &Context) -> Result<()> {
        let doors = std::rc::Rc::new(2);
        std::future::ready(()).await;
        drop(doors);
        Ok(())
    }
}

fn main() {}
