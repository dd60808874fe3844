#[before(order = "first", tabel = "Order")]
fn limit_guests(event: &LoginAsGuest) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}
