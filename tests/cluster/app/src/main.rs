//! The server that `tests/cluster` runs several of. It notes what must happen once, however many servers
//! there are: the ticks of a timer, and guests who go.

use std::process::ExitCode;

use vestibule::prelude::*;

table! { Item { name: String, amount: Int } }

table! { Basket { items -> [Item] } }

table! {
    /// A tick that ran its timer.
    Tick { due: String }
}

table! {
    /// That it was asked whether a guest goes.
    Asked { guest: String }
}

table! {
    /// A guest who is gone.
    Gone { guest: String }
}

/// Notes each tick.
#[timer(every = "1s", missed = "skip", timeout = "1s")]
async fn note_tick(tick: RunTimer, ctx: &Context) -> Result<()> {
    let due = tick.due().map(|due| due.as_millis().to_string());
    let due = due.unwrap_or_else(|| "run by hand".to_owned());
    let ticks = ctx.cloud().data("Tick");
    ticks.create(record! { "due" => due }).await?;
    Ok(())
}

/// Notes each question whether a guest goes.
#[before]
async fn note_asked(event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    let asked = ctx.cloud().data("Asked");
    asked
        .create(record! { "guest" => event.id().as_str() })
        .await?;
    Ok(Flow::Continue)
}

/// Notes each guest who goes.
#[after]
async fn note_gone(
    event: &PurgeGuest,
    outcome: Outcome<PurgeGuest>,
    ctx: &Context,
) -> Outcome<PurgeGuest> {
    let purged = outcome?;
    if purged == Purged::Gone {
        let gone = ctx.cloud().data("Gone");
        gone.create(record! { "guest" => event.id().as_str() })
            .await?;
    }
    Ok(purged)
}

fn main() -> ExitCode {
    vestibule_server::main()
}
