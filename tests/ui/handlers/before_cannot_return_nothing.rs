use vestibule::prelude::*;

#[before]
async fn check(_event: &mut LoginAsGuest, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[before]
async fn check_too(_event: &mut LoginAsGuest, _ctx: &Context) {}

fn main() {}
