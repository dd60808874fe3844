use vestibule::prelude::*;

#[before(on_failure = "ignore")]
async fn check(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[observe(on_failure = "open")]
async fn watch(_seen: &SeenAny, _witness: &Witness) -> Result<()> {
    Ok(())
}

fn main() {}
