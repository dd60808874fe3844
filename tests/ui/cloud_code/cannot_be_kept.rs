use std::sync::OnceLock;

use vestibule::prelude::*;

static STOLEN: OnceLock<CloudCode<'static>> = OnceLock::new();

#[before]
async fn steal(_event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    let _ = STOLEN.set(ctx.cloud());
    Ok(Flow::Continue)
}

fn main() {}
