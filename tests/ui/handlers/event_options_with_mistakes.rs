use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(name = "two words", access = user, access = anyone, output = 7, colour = "red")]
struct Convert {
    celsius: f64,
}

fn main() {}
