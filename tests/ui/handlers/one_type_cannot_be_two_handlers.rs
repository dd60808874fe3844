use vestibule::prelude::*;

#[derive(Default)]
struct Doorman;

#[before]
impl Before<Login> for Doorman {
    async fn before(&self, _event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
        Ok(Flow::Continue)
    }
}

#[before]
impl Before<Register> for Doorman {
    async fn before(&self, _event: &mut Register, _ctx: &Context) -> Result<Flow<Register>> {
        Ok(Flow::Continue)
    }
}

fn main() {}
