#[timer(every = "1h", start = "2027-01-01T00:00:00+01:00", jitter = "30s", timeout = "2m")]
/// Links that nobody followed.
#[cfg(feature = "mail")]
pub(crate) async fn forget_old_links(tick: RunTimer, ctx: &Context) -> Result<()> {
    forget(tick.missed()).await
}
