use std::fmt;

use async_trait::async_trait;

/// Carries mails to users: by SMTP, into a folder, into the memory of a test.
///
/// Without one nobody can restore a password, and nobody is asked to confirm an address. It is given
/// to the engine with [`EngineBuilder::mailer`](crate::EngineBuilder::mailer).
///
/// ```
/// use std::sync::Mutex;
///
/// use async_trait::async_trait;
/// use vestibule_core::{Mail, MailError, Mailer};
///
/// /// Keeps mails instead of sending them.
/// #[derive(Default)]
/// struct Drawer(Mutex<Vec<Mail>>);
///
/// #[async_trait]
/// impl Mailer for Drawer {
///     async fn send(&self, mail: Mail) -> Result<(), MailError> {
///         let mut drawer = self.0.lock().map_err(|_| MailError::new("the drawer is stuck"))?;
///         drawer.push(mail);
///         Ok(())
///     }
/// }
/// ```
///
/// The trap: the engine gives up on a mail that takes long, by dropping the future. What was under way
/// may arrive all the same.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Hands a mail on; that it was taken does not mean that it has arrived.
    ///
    /// # Errors
    /// Says why it was not taken.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}

/// One mail to one user, in plain text.
///
/// `Debug` leaves the text out: there is a link in it, which is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address of the user, alone and without a name.
    pub to: String,
    /// What it is about, in one line.
    pub subject: String,
    /// What it says, in lines that end with `\n`.
    pub text: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("to", &self.to)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Why a mail was not taken. It goes to the log, so neither a password nor the mail's text may be in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MailError(String);

impl MailError {
    /// An error with this reason, for the operator.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_mail_is_never_printed() {
        let mail = Mail {
            to: "ann@example.com".to_owned(),
            subject: "Set a new password".to_owned(),
            text: "https://app.example.com/account/a-secret".to_owned(),
        };
        let printed = format!("{mail:?}");
        assert!(printed.contains("ann@example.com"), "{printed}");
        assert!(!printed.contains("secret"), "{printed}");
    }
}
