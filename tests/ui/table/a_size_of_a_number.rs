use vestibule::prelude::*;

table! {
    Cart {
        total: Int(size = 40),
    }
}

fn main() {}
