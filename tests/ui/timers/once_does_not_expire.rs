use vestibule::prelude::*;

#[timer(once = "2027-01-01T00:00:00Z", expiry = "2028-01-01T00:00:00Z")]
async fn clean(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
