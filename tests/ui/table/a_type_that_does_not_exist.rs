use vestibule::prelude::*;

table! {
    Cart {
        total: Money,
    }
}

fn main() {}
