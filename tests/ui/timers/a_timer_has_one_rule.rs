use vestibule::prelude::*;

#[timer(every = "1h", cron = "0 3 * * *")]
async fn clean(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
