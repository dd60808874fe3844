use vestibule::prelude::*;

#[timer(every = "1h")]
async fn clean(_tick: RunTimer, _ctx: &Context) -> Result<usize> {
    Ok(7)
}

fn main() {}
