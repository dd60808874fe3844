use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(output = f64, access = anyone)]
struct Convert {
    celsius: f64,
}

#[answer(order = 1, before = "a::b", disable_after = 5, on_failure = "open", table = "Order", events = [Convert])]
async fn convert(event: Convert, _ctx: &Context) -> Outcome<Convert> {
    Ok(event.celsius * 1.8 + 32.0)
}

fn main() {}
