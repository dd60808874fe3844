use vestibule::prelude::*;

#[before]
async fn check<E: Event>(_event: &mut E, _ctx: &Context) -> Result<Flow<E>> {
    Ok(Flow::Continue)
}

#[before]
async fn check_too<'a>(_event: &'a mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[before]
async fn check_three(_event: &mut impl Event, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

fn main() {}
