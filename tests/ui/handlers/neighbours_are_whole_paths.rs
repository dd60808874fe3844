use vestibule::prelude::*;

#[before(before = check_too, after = "limit")]
async fn check(_event: &mut Login, _ctx: &Context) -> Result<Flow<Login>> {
    Ok(Flow::Continue)
}

#[after(before = [], after = ["a::b", c])]
async fn check_too(_event: &Login, outcome: Outcome<Login>, _ctx: &Context) -> Outcome<Login> {
    outcome
}

fn main() {}
