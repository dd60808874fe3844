use vestibule::prelude::*;

#[derive(Default)]
struct Cleaner;

#[timer(every = "1h")]
impl Answers<RunTimer> for Cleaner {
    async fn answer(&self, _tick: RunTimer, _ctx: &Context) -> Result<()> {
        Ok(())
    }
}

#[timer(every = "1h")]
struct Other;

fn main() {}
