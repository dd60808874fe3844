use vestibule::prelude::*;

#[before]
async fn forge(_event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    let _forged = CloudCode { context: ctx, owner: None, quietly: false };
    Ok(Flow::Continue)
}

fn main() {}
