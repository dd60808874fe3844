use vestibule::prelude::*;

table! {
    Cart {
        total: Int = "none",
    }
}

fn main() {}
