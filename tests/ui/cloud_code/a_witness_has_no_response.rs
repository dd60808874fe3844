use vestibule::prelude::*;

#[observe]
async fn meddle(_seen: &SeenAny, witness: &Witness) -> Result<()> {
    witness.response().set_status(200)
}

fn main() {}
