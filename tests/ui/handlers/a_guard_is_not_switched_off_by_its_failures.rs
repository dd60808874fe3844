use vestibule::prelude::*;

#[before(disable_after = 5)]
async fn check(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[after(on_failure = "closed", disable_after = 5)]
async fn check_too(_event: &Login, outcome: Outcome<Login>, _ctx: &Context) -> Outcome<Login> {
    outcome
}

#[observe(disable_after = 0)]
async fn watch(_seen: &SeenAny, _witness: &Witness) -> Result<()> {
    Ok(())
}

fn main() {}
