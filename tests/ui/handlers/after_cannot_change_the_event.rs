use vestibule::prelude::*;

#[after]
async fn greet(
    _event: &mut LoginAsGuest,
    outcome: Outcome<LoginAsGuest>,
    _ctx: &Context,
) -> Outcome<LoginAsGuest> {
    outcome
}

fn main() {}
