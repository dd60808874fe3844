use vestibule::prelude::*;

#[timer(every = "1m", jitter = "2m")]
async fn first(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[timer(cron = "*/5 * * * *", jitter = "10m")]
async fn second(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
