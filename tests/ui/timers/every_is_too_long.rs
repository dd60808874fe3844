use vestibule::prelude::*;

#[timer(every = "400d")]
async fn clean(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
