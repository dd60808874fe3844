use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(output = f64, access = anyone)]
struct Convert {
    celsius: f64,
}

static STOLEN: OnceLock<CloudCode<'static>> = OnceLock::new();

#[answer]
async fn convert(event: Convert, ctx: &Context) -> Outcome<Convert> {
    let _ = STOLEN.set(ctx.cloud());
    Ok(event.celsius * 1.8 + 32.0)
}

fn main() {}
