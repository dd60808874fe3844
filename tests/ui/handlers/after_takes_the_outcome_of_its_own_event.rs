use vestibule::prelude::*;

#[after]
async fn greet(
    _event: &LoginAsGuest,
    _outcome: Outcome<Register>,
    _ctx: &Context,
) -> Outcome<LoginAsGuest> {
    todo!()
}

fn main() {}
