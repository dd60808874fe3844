use vestibule::prelude::*;

#[after]
async fn greet(_event: &LoginAsGuest, _ctx: &Context) -> Outcome<LoginAsGuest> {
    todo!()
}

fn main() {}
