use vestibule::prelude::*;

#[before(timeout = "2")]
async fn without_a_unit(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[before(timeout = 2)]
async fn without_quotes(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[before(timeout = "0s")]
async fn without_any_time(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[before(timeout = "11m")]
async fn without_end(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

fn main() {}
