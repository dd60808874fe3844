use vestibule::prelude::*;

#[after]
async fn greet(
    _event: &LoginAsGuest,
    _outcome: Outcome<LoginAsGuest>,
    _ctx: &Context,
) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}

fn main() {}
