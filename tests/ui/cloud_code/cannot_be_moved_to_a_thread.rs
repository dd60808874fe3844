use vestibule::prelude::*;

#[before]
async fn carry_off(_event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    std::thread::spawn(move || drop(ctx.cloud()));
    Ok(Flow::Continue)
}

fn main() {}
