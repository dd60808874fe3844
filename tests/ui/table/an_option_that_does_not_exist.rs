use vestibule::prelude::*;

table! {
    Cart {
        code: String(uniqe),
    }
}

fn main() {}
