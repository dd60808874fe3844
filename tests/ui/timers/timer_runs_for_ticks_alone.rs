use vestibule::prelude::*;

#[timer(every = "1h")]
async fn clean(_event: Login, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
