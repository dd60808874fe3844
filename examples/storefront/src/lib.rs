//! A shop whose visitors are guests: each gets a cart on the way in, fills it, and keeps it.
//!
//! The tables stand in `schema`, what the shop sells in `catalogue`. Two handlers make the shop:
//! `carts` gives every guest a cart, `prices` sees to it that a line in a cart costs what the
//! shop says, whatever the browser says. A service, `till`, says what the cart comes to. Who registers
//! keeps the cart; and who registers on a second device, with the same address and password, finds
//! both carts as one: that is the handler of the crate `guest-cart`.
//!
//! ```sh
//! (cd examples/storefront/page && npm ci)      # the published SDK, for the page
//! cargo run -p storefront -- --pages examples/storefront/page
//! ```
//!
//! Then open <http://127.0.0.1:9000/>. `cargo test -p storefront` tests the shop without a server.

mod carts;
mod catalogue;
mod prices;
mod schema;
mod till;

use guest_cart as _;
