use vestibule::prelude::*;

#[before(events = [Login, Register])]
async fn check<E: Event<Output = LoggedIn>>(_event: &mut E, _ctx: &Context) -> Result<Flow<E>> {
    Ok(Flow::Continue)
}

fn main() {}
