use vestibule::prelude::*;

#[before]
async fn check(&self, _event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

fn main() {}
