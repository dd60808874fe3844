//! How Vestibule's mails go out: by SMTP, or into a folder of `.eml` files for development.
//!
//! Both are a [`Mailer`](vestibule_core::Mailer), which is given to the engine:
//!
//! ```
//! use std::sync::Arc;
//!
//! use vestibule_mail::{MailFolder, Sender};
//! use vestibule_model::SystemClock;
//!
//! let from = Sender::parse("Shop <no-reply@example.com>")?;
//! let clock = Arc::new(SystemClock::start());
//! let mailer = MailFolder::new("./mails", from, clock);
//! # Ok::<(), String>(())
//! ```
//!
//! **Invariant:** this is the only crate that knows `lettre`.

mod folder;
mod message;
mod smtp;

pub use folder::MailFolder;
pub use message::Sender;
pub use smtp::{Smtp, SmtpAddress, SmtpLogin};
