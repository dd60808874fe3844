use vestibule::prelude::*;

#[before]
async fn check(_event: &mut Register, _ctx: &Context) -> Result<Flow<Register>, std::fmt::Error> {
    Ok(Flow::Continue)
}

fn main() {}
