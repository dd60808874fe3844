use vestibule::prelude::*;

#[observe]
async fn meddle(_seen: &SeenAny, witness: &Witness) -> Result<()> {
    witness.cloud();
    Ok(())
}

fn main() {}
