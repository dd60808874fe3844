use vestibule::prelude::*;

#[timer(once = "2027-01-01T00:00:00")]
async fn first(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[timer(once = "tomorrow")]
async fn second(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
