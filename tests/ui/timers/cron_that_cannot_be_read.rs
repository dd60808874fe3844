use vestibule::prelude::*;

#[timer(cron = "0 25 * * *")]
async fn first(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[timer(cron = "@daily")]
async fn second(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[timer(cron = "0 0 3 * * *")]
async fn third(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[timer(cron = "0 3 * * * Europe/Atlantis")]
async fn fourth(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
