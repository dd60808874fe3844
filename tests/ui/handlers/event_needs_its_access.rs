use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
struct Convert {
    celsius: f64,
}

// It is an event all the same: nothing else is complained about.
#[answer]
async fn convert(_event: Convert, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
