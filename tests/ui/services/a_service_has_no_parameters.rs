use vestibule::prelude::*;

#[derive(Default)]
struct Shop<T> {
    _of: T,
}

#[service("shop")]
impl<T> Shop<T> {
    #[post("/open", access = anyone)]
    async fn open(&self, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
