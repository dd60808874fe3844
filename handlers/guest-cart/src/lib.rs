//! Makes one cart of two.
//!
//! A visitor fills a cart as a guest, and registers with an address and a password that are known:
//! the same person, on another device. This handler resolves that conflict for shops whose tables
//! look like this (more columns and tables do not matter):
//!
//! ```text
//! Users    { cart -> Cart }
//! Cart     { lines -> [CartLine] }
//! CartLine { product: String, quantity: Int }
//! ```
//!
//! The guest's lines move into the cart that the user has already. Of a product that is in both,
//! the quantities are added up in the user's line, to 99 at most ([`QUANTITY_AT_MOST`]), and the
//! user's line keeps its other columns. Everything else of the guest, whatever tables it is in,
//! becomes the user's; the guest's empty cart goes. If only one of the two has a cart, that one
//! stays.
//!
//! Name the crate once in your server, and it runs:
//!
//! ```
//! use guest_cart as _;
//! ```
//!
//! The traps: where a relation of `Users` other than `cart` has room for one record, the user keeps
//! what it has. And a merge lets the client in as the user, as a login does, without handlers of
//! `Login`: if you guard logins, guard `GuestConflict`, too.

mod adding_up;

use vestibule::prelude::*;

use crate::adding_up::add_up;

/// The relation of `Users` that leads to the cart.
pub const CART: &str = "cart";

/// The relation of the cart's table that leads to its lines.
pub const LINES: &str = "lines";

/// The column of a line that says what it is about.
pub const PRODUCT: &str = "product";

/// The column of a line that says how many.
pub const QUANTITY: &str = "quantity";

/// The most of one product in a line that was added up.
pub const QUANTITY_AT_MOST: i64 = 99;

/// The most lines of a cart that are compared; beyond them all lines just move.
const LINES_AT_MOST: usize = 200;

/// Lines that are read at once, the most that there can be on a page.
const PAGE: usize = 100;

/// Merges a guest into the user who has the identity, their carts included.
///
/// # Errors
/// Fails when the database does not answer; then nothing is merged.
#[before]
pub async fn merge_carts(event: &mut GuestConflict, ctx: &Context) -> Result<Flow<GuestConflict>> {
    // Without proof nothing would be merged anyway.
    if !event.proved() {
        return Ok(Flow::Continue);
    }
    let mut plan = MergePlan::new().take_everything(event.outlook());
    for collision in event.outlook().collisions() {
        plan = plan.keep_existing_on(&collision.name);
    }
    let carts = event.outlook().relation(CART);
    let Some(carts) = carts.filter(|carts| carts.collides()) else {
        return Ok(Flow::Respond(plan));
    };
    let (table, guest, user) = (&carts.to_table, event.guest(), event.existing());
    let theirs = cart_of(guest, ctx).await?;
    let ours = cart_of(user, ctx).await?;
    // A cart that has just gone is looked for again: the merge finds that it is not as it was. One
    // that both have is the user's already.
    if let (Some(theirs), Some(ours)) = (theirs, ours)
        && theirs.id() != ours.id()
    {
        let from = lines_of(table, &theirs, ctx).await?;
        let to = lines_of(table, &ours, ctx).await?;
        if let (Some(from), Some(to)) = (from, to) {
            plan = add_up(plan, &from, &to);
        }
        plan = plan
            .move_links(table, LINES, theirs.id(), ours.id())
            .remove(table, theirs.id());
    }
    Ok(Flow::Respond(plan))
}

/// The cart that a user is related to.
async fn cart_of(user: &User, ctx: &Context) -> Result<Option<Record>> {
    let users = ctx.cloud().data("Users");
    let carts = users.related(user.id(), CART, Query::new()).await?;
    Ok(carts.into_iter().next())
}

/// The lines of a cart; `None` if there are too many to compare.
async fn lines_of(table: &str, cart: &Record, ctx: &Context) -> Result<Option<Vec<Record>>> {
    let carts = ctx.cloud().data(table);
    let mut lines = Vec::new();
    loop {
        let query = Query::new()
            .page_size(i64::try_from(PAGE)?)
            .offset(i64::try_from(lines.len())?);
        let page = carts.related(cart.id(), LINES, query).await?;
        let is_last = page.len() < PAGE;
        lines.extend(page);
        if lines.len() > LINES_AT_MOST {
            return Ok(None);
        }
        if is_last {
            return Ok(Some(lines));
        }
    }
}
