use vestibule::prelude::*;

#[derive(Default)]
struct Doorman<T>(T);

#[before]
impl<T: Default + Send + Sync + 'static> Before<Login> for Doorman<T> {
    async fn before(&self, _event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
        Ok(Flow::Continue)
    }
}

fn main() {}
