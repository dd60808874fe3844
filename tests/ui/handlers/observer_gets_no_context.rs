use vestibule::prelude::*;

#[observe]
async fn watch(_seen: &Seen<Register>, _ctx: &Context) -> Result<()> {
    Ok(())
}

fn main() {}
