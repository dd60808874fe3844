//! Writes every event as a line of JSON, for people and for log collectors.
//!
//! The lines go to `audit-log/events.jsonl` in the server's data folder. A file that has grown to
//! 16 MiB is put aside; eight are kept. Secrets are masked before an observer sees them.
//!
//! A test repeats a line with `kit.anonymous().replay(line)`.
//!
//! Name the crate once in your server, and it runs:
//!
//! ```
//! use audit_log as _;
//! ```
//!
//! This is a record of traffic. The trail of who used the power of cloud code is kept by the
//! engine itself, in the same step as the effect, and cannot be switched off.

mod journal;

use serde_json::{Value as Json, json};
use tokio::task::spawn_blocking;
use vestibule::prelude::*;

use crate::journal::Journal;

/// Longest input or output in a line, in bytes, so that a few large requests cannot push the rest
/// out of the files that are kept.
const JSON_AT_MOST: usize = 8 * 1024;

/// Writes one line for each call, however it ended.
///
/// # Errors
/// Fails when the file cannot be written; that is counted and logged, and hurts no call.
#[observe]
pub async fn record(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let mut line = seen.to_json(witness.now());
    for long in ["input", "output"] {
        line[long] = shortened(&line[long]);
    }
    let (journal, folder) = (witness.state::<Journal>(), witness.data_folder().to_owned());
    // A disk that stalls must not stall the server.
    Ok(spawn_blocking(move || journal.append(&folder, &line.to_string())).await??)
}

/// What stands in the log: the JSON, or its length where somebody sent a book.
fn shortened(json: &Json) -> Json {
    let length = json.to_string().len();
    if length <= JSON_AT_MOST {
        json.clone()
    } else {
        json!({ "left_out_bytes": length })
    }
}
