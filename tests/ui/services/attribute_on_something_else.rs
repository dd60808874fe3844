use vestibule::prelude::*;

#[service("shop")]
struct Shop;

#[service("shop")]
async fn shop() {}

fn main() {}
