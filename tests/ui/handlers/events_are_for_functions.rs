use vestibule::prelude::*;

#[derive(Default)]
struct Doorman;

#[before(events = [Login, LoginByObjectId])]
impl Before<Login> for Doorman {
    async fn before(&self, _event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
        Ok(Flow::Continue)
    }
}

fn main() {}
