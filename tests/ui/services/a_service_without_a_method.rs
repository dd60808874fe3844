use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    fn hours(&self) -> u8 {
        8
    }
}

fn main() {}
