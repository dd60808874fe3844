use vestibule::prelude::*;

#[before]
async fn check(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<Register>> {
    Ok(Flow::Continue)
}

fn main() {}
