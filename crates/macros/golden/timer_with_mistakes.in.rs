#[timer(every = "1 hour", often)]
/// Links that nobody followed.
pub fn forget_old_links(ctx: &Context) -> Result<()> {
    Ok(())
}
