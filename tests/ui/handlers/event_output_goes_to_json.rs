use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

#[derive(Clone, Debug)]
struct Converted {
    fahrenheit: f64,
}

#[derive(Clone, Serialize, Deserialize, CustomEvent)]
#[event(output = Converted, access = anyone)]
struct Convert {
    celsius: f64,
}

fn main() {}
