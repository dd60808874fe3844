use vestibule::prelude::*;

#[before]
fn check(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

fn main() {}
