use vestibule::prelude::*;

table! {
    Vestibule_cart {
        total: Int,
    }
}

fn main() {}
