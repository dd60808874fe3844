use vestibule::prelude::*;

table! {
    Cart {
        total: Int,
        code,
    }
}

fn main() {}
