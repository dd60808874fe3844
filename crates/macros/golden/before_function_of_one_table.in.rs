#[before(table = "Order")]
async fn check_stock(event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    refuse_what_is_sold_out(event)?;
    Ok(Flow::Continue)
}
