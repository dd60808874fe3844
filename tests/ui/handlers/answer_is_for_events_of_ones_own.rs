use vestibule::prelude::*;

#[answer]
async fn register(_event: Register, _ctx: &Context) -> Outcome<Register> {
    Err(Error::refused(1))
}

fn main() {}
