use vestibule::prelude::*;

#[derive(Default)]
struct Greeter;

#[before]
impl After<Register> for Greeter {
    async fn after(
        &self,
        _event: &Register,
        outcome: Outcome<Register>,
        _ctx: &Context,
    ) -> Outcome<Register> {
        outcome
    }
}

#[observe]
impl Clone for Greeter {
    fn clone(&self) -> Self {
        Greeter
    }
}

fn main() {}
