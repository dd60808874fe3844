//! Prices are the shop's business: a browser says what, and how many.

use vestibule::prelude::*;

use crate::catalogue::product;

/// The most of one product that somebody may order at once.
const QUANTITY_AT_MOST: i64 = 99;

/// The code of the shop's own refusals.
const REFUSED: i32 = 20_100;

/// Prices a line that is put into a cart.
#[before(table = "CartLine")]
async fn price_new_line(event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    let name = event.properties.get("product").and_then(Value::as_text);
    let product = name
        .and_then(product)
        .ok_or_else(|| Error::refused(REFUSED).saying("the shop does not sell this"))?;
    check_quantity(&event.properties)?;
    event
        .properties
        .insert("price".to_owned(), Value::from(product.price));
    Ok(Flow::Continue)
}

/// Lets the quantity of a line be changed, and nothing else.
#[before(table = "CartLine")]
async fn keep_price(event: &mut Update, _ctx: &Context) -> Result<Flow<Update>> {
    check_quantity(&event.properties)?;
    event.properties.retain(|name, _| name == "quantity");
    Ok(Flow::Continue)
}

/// Closes the doors that go past the two above: a shop's page has no need of them.
#[before(table = "CartLine", events = [BulkCreate, BulkUpsert, BulkUpdate, Upsert])]
async fn refuse_other_doors<E: Event>(event: &mut E, ctx: &Context) -> Result<Flow<E>> {
    if ctx.call().is_server_code() {
        return Ok(Flow::Continue);
    }
    let table = event.table().unwrap_or_default();
    let message = format!("save the records of {table} one by one");
    Err(Error::refused(REFUSED).saying(message))
}

fn check_quantity(properties: &Properties) -> Result<()> {
    match properties.get("quantity") {
        None => Ok(()),
        Some(Value::Integer(quantity)) if (1..=QUANTITY_AT_MOST).contains(quantity) => Ok(()),
        Some(_) => {
            let message = format!("a quantity is a whole number from 1 to {QUANTITY_AT_MOST}");
            Err(Error::refused(REFUSED).saying(message))
        }
    }
}
