use vestibule::prelude::*;

table! {
    server_onyl;
    Cart {
        total: Int,
    }
}

fn main() {}
