use vestibule::prelude::*;

#[before]
async fn check(_event: &mut Login, _ctx: &CloudCode<'_>) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[before]
async fn check_too(_event: &mut Login, _ctx: Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

fn main() {}
