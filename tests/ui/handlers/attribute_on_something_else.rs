use vestibule::prelude::*;

#[before]
struct Quota;

#[after]
impl Quota {}

#[observe]
mod watching {}

fn main() {}
