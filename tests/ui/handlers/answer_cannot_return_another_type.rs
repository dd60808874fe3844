use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(output = f64, access = anyone)]
struct Convert {
    celsius: f64,
}

#[answer]
async fn convert(_event: Convert, _ctx: &Context) -> Result<String> {
    Ok(String::new())
}

fn main() {}
