use vestibule::prelude::*;

#[before(order = 1, order = 2)]
async fn check(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

fn main() {}
