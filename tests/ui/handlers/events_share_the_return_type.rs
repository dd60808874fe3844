use vestibule::prelude::*;

#[after(events = [Login, LoginByObjectId])]
async fn greet<E: Event<Output = LoggedIn>>(
    _event: &E,
    _outcome: Outcome<E>,
    _ctx: &Context,
) -> Result<Flow<E>> {
    Ok(Flow::Continue)
}

fn main() {}
