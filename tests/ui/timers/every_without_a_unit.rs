use vestibule::prelude::*;

#[timer(every = "60")]
async fn first(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

#[timer(every = 60)]
async fn second(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
