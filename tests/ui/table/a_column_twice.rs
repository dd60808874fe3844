use vestibule::prelude::*;

table! {
    Cart {
        total: Int,
        Total: Double,
    }
}

fn main() {}
