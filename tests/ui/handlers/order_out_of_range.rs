use vestibule::prelude::*;

#[before(order = -3000000000)]
async fn check(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[before(order = "first")]
async fn check_too(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

fn main() {}
