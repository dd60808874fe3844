#[before(order = -10, timeout = "1500ms", on_failure = "open")]
/// Turns away guests whose address opened too many accounts lately.
#[cfg(feature = "limits")]
pub(crate) async fn limit_guests(
    _event: &mut LoginAsGuest,
    ctx: &Context,
) -> Result<Flow<LoginAsGuest>> {
    ctx.state::<Quota>().spend(ctx.call().address)?;
    Ok(Flow::Continue)
}
