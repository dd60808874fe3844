use vestibule::prelude::*;

#[derive(Default)]
struct Doorman;

#[before]
impl Before<Login> for Doorman {
    async fn before(&self, _event: &mut Register, _ctx: &Context) -> Result<Flow<Login>> {
        Ok(Flow::Continue)
    }
}

fn main() {}
