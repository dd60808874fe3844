//! What is left behind by an event that nobody waits for, and by an effect.

use serde::{Deserialize, Serialize};
use vestibule::prelude::*;

table! {
    Note {
        text: String,
    }
}

/// Keeps a note.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "note", access = anyone)]
struct TakeNote {
    text: String,
}

#[answer]
async fn take_note(event: TakeNote, ctx: &Context) -> Result<()> {
    let note = record! { "text" => event.text };
    ctx.cloud().data("Note").create(note).await?;
    Ok(())
}

/// Keeps a note once it has succeeded, and fails if it is told to.
#[derive(Clone, Debug, Deserialize, Serialize, CustomEvent)]
#[event(name = "noteAfterwards", access = anyone)]
struct NoteAfterwards {
    text: String,
    #[serde(default)]
    fails: bool,
}

#[answer]
async fn note_afterwards(event: NoteAfterwards, ctx: &Context) -> Result<()> {
    ctx.after_commit(TakeNote { text: event.text })?;
    if event.fails {
        return Err(Error::refused(4242).saying("told to fail"));
    }
    Ok(())
}
