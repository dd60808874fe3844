use vestibule::prelude::*;

struct Sneeze;

#[observe]
async fn bless(_seen: &Seen<Sneeze>, _witness: &Witness) -> Result<()> {
    Ok(())
}

fn main() {}
