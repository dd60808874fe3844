use vestibule::prelude::*;

#[before]
async fn check(_event: &mut LoginAsGuest) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

fn main() {}
