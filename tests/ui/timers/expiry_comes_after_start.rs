use vestibule::prelude::*;

#[timer(every = "1h", start = "2027-02-01T00:00:00Z", expiry = "2027-01-01T00:00:00Z")]
async fn clean(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
