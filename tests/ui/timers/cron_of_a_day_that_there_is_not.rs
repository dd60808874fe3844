use vestibule::prelude::*;

#[timer(cron = "0 3 31 2 *")]
async fn first(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[timer(cron = "0 3 30 FEB * Europe/Berlin")]
async fn second(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
