//! Mails to users: who carries them, what they say, and how they go out.

mod address;
mod checks;
mod letters;
mod mailer;
mod outbox;
mod queue;
mod quota;

pub(crate) use address::is_address;
pub use mailer::{Mail, MailError, Mailer};
pub(crate) use outbox::Outbox;
