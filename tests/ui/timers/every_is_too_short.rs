use vestibule::prelude::*;

#[timer(every = "0s")]
async fn clean(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
