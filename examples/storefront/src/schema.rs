//! What the shop keeps. A start adds what is missing, and never removes anything.

use vestibule::prelude::*;

table! {
    /// What somebody means to buy.
    Cart {
        lines -> [CartLine],
    }
}

table! {
    /// One product in a cart.
    CartLine {
        product: String(size = 40, required),
        quantity: Int = 1,
        price: Double,
    }
}

table! {
    Users {
        cart -> Cart,
    }
}
