use std::time::{Duration, SystemTime};

use lettre::{
    Address, Message,
    message::{
        Body, Mailbox,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use vestibule_core::{Mail, MailError};
use vestibule_model::Timestamp;

/// Tells programs that answer mails not to answer these (RFC 3834).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// Longest line that every server takes, in bytes.
const LINE_AT_MOST: usize = 998;

/// Whom mails come from: an address, with a name or without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// Reads `no-reply@example.com` or `Shop <no-reply@example.com>`.
    ///
    /// # Errors
    /// Says what the text must be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = "an address, as in no-reply@example.com or Shop <no-reply@example.com>";
        let parsed: Result<Mailbox, _> = text.parse();
        parsed.map(Self).map_err(|_| expected.to_owned())
    }

    /// The part of the address after the `@`.
    pub(crate) fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

/// A mail as it travels.
///
/// # Errors
/// Fails for what is no address of one mailbox.
pub(crate) fn message(
    mail: &Mail,
    from: &Sender,
    now: Timestamp,
    id: &str,
) -> Result<Message, MailError> {
    // Not as a mailbox with a name: what a user registered with is an address or nothing.
    let to: Address = mail
        .to
        .parse()
        .map_err(|_| MailError::new("the user's email address is none that mail can be sent to"))?;
    let auto_submitted = HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned());
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    Message::builder()
        .from(from.0.clone())
        .to(Mailbox::new(None, to))
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
        .message_id(Some(format!("<{id}@{}>", from.domain())))
        .subject(&*mail.subject)
        .raw_header(auto_submitted)
        .header(ContentType::TEXT_PLAIN)
        .body(body(&mail.text))
        .map_err(|error| MailError::new(error.to_string()))
}

/// The text as it is, wherever mail servers must take it so (RFC 5322, section 2.1.1): a link in it stays
/// in one piece, for programs and for people who look into the file. Else it is encoded.
fn body(text: &str) -> Body {
    let plain = |line: &str| line.len() <= LINE_AT_MOST && !line.contains(['\0', '\r']);
    if !text.is_ascii() || !text.lines().all(plain) {
        let encoding = ContentTransferEncoding::QuotedPrintable;
        // Refused only for encodings that leave the text as it is.
        return Body::new_with_encoding(text.to_owned(), encoding)
            .unwrap_or_else(|_| Body::new(text.to_owned()));
    }
    let lines: String = text.lines().flat_map(|line| [line, "\r\n"]).collect();
    Body::dangerous_pre_encoded(lines.into_bytes(), ContentTransferEncoding::SevenBit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_server_must_take_as_it_is_is_encoded() {
        let long = "x".repeat(LINE_AT_MOST + 1);
        for text in ["grüße", &long, "one\0two"] {
            let encoding = body(text).encoding();
            assert_eq!(
                ContentTransferEncoding::QuotedPrintable,
                encoding,
                "{text:?}"
            );
        }
        let encoding = body(&"x".repeat(LINE_AT_MOST)).encoding();
        assert_eq!(ContentTransferEncoding::SevenBit, encoding);
    }
}
