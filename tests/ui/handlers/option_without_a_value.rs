use vestibule::prelude::*;

#[before(order, timeout =, collect)]
async fn check(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

fn main() {}
