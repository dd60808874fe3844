use vestibule::prelude::*;

#[before]
async fn forge(_event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    let _lent = CloudCode::lend(ctx);
    let _new = CloudCode::new(ctx);
    let _default = CloudCode::default();
    Ok(Flow::Continue)
}

fn main() {}
