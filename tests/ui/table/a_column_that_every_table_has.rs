use vestibule::prelude::*;

table! {
    Cart {
        created: DateTime,
    }
}

fn main() {}
