#[timer(cron = " 0 3 * * MON ", expiry = "2028-01-01T00:00:00Z", overlap = "wait", missed = "skip", collect = false)]
async fn report(_: RunTimer, _: &vestibule::Context) -> Result<()> {
    Ok(())
}
