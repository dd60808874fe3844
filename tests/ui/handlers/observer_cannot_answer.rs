use vestibule::prelude::*;

#[observe]
async fn watch(seen: &Seen<Register>, _witness: &Witness) -> Outcome<Register> {
    seen.outcome.clone()
}

fn main() {}
