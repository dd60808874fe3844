use vestibule::prelude::*;

#[observe]
async fn watch(_event: &Register, _witness: &Witness) -> Result<()> {
    Ok(())
}

fn main() {}
