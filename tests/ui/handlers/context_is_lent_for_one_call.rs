use std::sync::OnceLock;

use vestibule::prelude::*;

static KEPT: OnceLock<&'static Context> = OnceLock::new();

#[before]
async fn keep(_event: &mut Login, ctx: &Context) -> Result<Flow<Login>> {
    let _ = KEPT.set(ctx);
    Ok(Flow::Continue)
}

#[before]
async fn keep_too(_event: &mut Login, ctx: &'static Context) -> Result<Flow<Login>> {
    let _ = KEPT.set(ctx);
    Ok(Flow::Continue)
}

fn main() {}
