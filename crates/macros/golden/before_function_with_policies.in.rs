#[before(
    before = "carts::open",
    after = ["guest_limits::limit_guests", "guest_proof::demand_proof"],
    on_failure = "open",
    disable_after = 5
)]
async fn greet(event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}
