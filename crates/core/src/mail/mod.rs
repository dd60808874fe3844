//! Mails to users: who carries them, what they say, and how they go out.

mod letters;
mod mailer;
mod outbox;
mod queue;
mod quota;

pub use mailer::{Mail, MailError, Mailer};
pub(crate) use outbox::Outbox;
