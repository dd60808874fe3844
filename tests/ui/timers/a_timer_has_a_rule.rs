use vestibule::prelude::*;

#[timer]
async fn first(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[timer(jitter = "1s")]
async fn second(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
