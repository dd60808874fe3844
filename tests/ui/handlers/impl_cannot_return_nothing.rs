use vestibule::prelude::*;

#[derive(Default)]
struct Doorman;

#[before]
impl Before<Login> for Doorman {
    async fn before(&self, _event: &mut Login, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
