use vestibule::prelude::*;

#[before]
async fn check(_event: &LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

#[before]
async fn check_too(_event: LoginAsGuest, _ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

fn main() {}
