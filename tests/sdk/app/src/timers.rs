//! Timers of every kind. Their ticks are far away; the cases run them by hand.

use vestibule::prelude::*;

/// Keeps a note.
#[timer(every = "365d", overlap = "wait", missed = "skip", jitter = "1m")]
async fn take_note(tick: RunTimer, ctx: &Context) -> Result<()> {
    let text = match tick.due() {
        None => "run by hand",
        Some(_) => "run by its tick",
    };
    ctx.cloud()
        .data("Note")
        .create(record! { "text" => text })
        .await?;
    Ok(())
}

/// Fails.
#[timer(cron = "0 3 29 2 * Europe/Berlin")]
async fn fail(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    Err(Error::refused(4242).saying("told to fail"))
}

/// Runs until its time is over.
#[timer(once = "2999-12-31T23:00:00+01:00", timeout = "1s")]
async fn never_end(_tick: RunTimer, _ctx: &Context) -> Result<()> {
    std::future::pending().await
}
