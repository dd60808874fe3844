use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(output = f64, access = anyone)]
struct Convert {
    celsius: f64,
}

#[derive(Default)]
struct Converter;

#[answer]
impl Answers<Convert> for Converter {
    async fn answer(&self, event: Convert, _ctx: &Context) -> Result<String> {
        Ok(event.celsius.to_string())
    }
}

fn main() {}
