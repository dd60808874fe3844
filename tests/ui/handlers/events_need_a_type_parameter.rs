use vestibule::prelude::*;

#[before(events = [Login, LoginByObjectId])]
async fn check(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[before(events = [Login, LoginByObjectId])]
async fn check_too<E: Event>(_event: &mut Login, _ctx: &Context) -> Result<Flow<E>> {
    Ok(Flow::Continue)
}

#[before(events = Login)]
async fn check_three<E: Event>(_event: &mut E, _ctx: &Context) -> Result<Flow<E>> {
    Ok(Flow::Continue)
}

fn main() {}
