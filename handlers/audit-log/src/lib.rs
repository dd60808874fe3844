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

mod files;
mod journal;

use vestibule::prelude::*;

use crate::journal::Journal;

/// Longest input or output in a line, in bytes, so that a few large requests cannot push the rest
/// out of the files that are kept.
const JSON_AT_MOST: usize = 8 * 1024;

/// Writes one line for each call, however it ended.
///
/// # Errors
/// Fails when the file cannot be written; that is counted and logged, and hurts no call. Lines of
/// calls that end at once are written together, so each of them fails then.
#[observe]
pub async fn record(seen: &SeenAny, witness: &Witness) -> Result<()> {
    let line = seen.to_short_json_line(witness.now(), JSON_AT_MOST);
    let journal = witness.state::<Journal>();
    let written = journal.append(witness.data_folder(), &line).await;
    written.map_err(|error| Error::internal("a line of the audit log is lost").because(error))
}
