//! Which mails server code may send.

use super::{Mail, is_address};
use crate::{Error, Result};

/// Bytes of a subject: a line of a mail is no longer (RFC 5322, section 2.1.1).
const SUBJECT_AT_MOST: usize = 998;

/// Bytes of a text: mails wait in memory.
const TEXT_AT_MOST: usize = 1_000_000;

/// Refuses what would fail on its way, or become something else than the mail that is meant.
///
/// # Errors
/// 8008 for an address that is none, and a subject or a text that does not fit.
pub(super) fn check(mail: &Mail) -> Result<()> {
    if !is_address(&mail.to) {
        return Err(Error::invalid(
            "no mail can be sent to this address; give one address alone, like ann@example.com",
        ));
    }
    if mail.subject.chars().any(char::is_control) || mail.subject.len() > SUBJECT_AT_MOST {
        return Err(Error::invalid(format!(
            "the subject of a mail is one line without control characters, of {SUBJECT_AT_MOST} \
             bytes at most"
        )));
    }
    if mail.text.len() > TEXT_AT_MOST {
        return Err(Error::invalid(format!(
            "the text of a mail has {TEXT_AT_MOST} bytes at most"
        )));
    }
    Ok(())
}
