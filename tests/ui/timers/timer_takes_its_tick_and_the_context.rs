use vestibule::prelude::*;

#[timer(every = "1h")]
async fn alone() -> Result<()> {
    Ok(())
}

#[timer(every = "1h")]
fn late<T>(&self, _tick: &RunTimer, _ctx: Context) {}

fn main() {}
