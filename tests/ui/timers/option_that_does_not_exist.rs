use vestibule::prelude::*;

#[timer(every = "1h", order = 1, overlap = "run", missed = "all")]
async fn clean(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
