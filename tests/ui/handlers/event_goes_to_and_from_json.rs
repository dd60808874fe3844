use vestibule::prelude::*;

#[derive(CustomEvent)]
#[event(access = anyone)]
struct Convert {
    celsius: f64,
}

fn main() {}
