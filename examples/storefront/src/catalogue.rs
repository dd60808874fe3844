//! What the shop sells: the same file that the page shows, so that both say one thing.

use std::sync::LazyLock;

use serde::Deserialize;

/// One thing that the shop sells.
#[derive(Debug, Deserialize)]
pub(crate) struct Product {
    /// What lines in carts call it.
    pub(crate) name: String,
    /// What it costs.
    pub(crate) price: f64,
}

static PRODUCTS: LazyLock<Vec<Product>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../page/products.json"))
        .expect("the file is part of the program, and a test reads it")
});

/// The product of that name, if the shop sells it.
pub(crate) fn product(name: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_product_has_a_price() {
        assert!(PRODUCTS.iter().all(|product| product.price > 0.0));
        assert!(product("apple").is_some());
    }
}
