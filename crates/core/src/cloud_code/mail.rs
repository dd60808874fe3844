use super::CloudCode;
use crate::{Result, mail::Mail};

impl CloudCode<'_> {
    /// Sends a mail, and waits until it is handed on; whether it arrives is not known then.
    ///
    /// ```
    /// use vestibule::prelude::*;
    ///
    /// async fn greet(ctx: &Context, to: &str) -> Result<()> {
    ///     let mail = Mail {
    ///         to: to.to_owned(),
    ///         subject: "Welcome".to_owned(),
    ///         text: format!("Hello,\n\nyour shop is at {}.\n", ctx.public_url()),
    ///     };
    ///     ctx.cloud().send_mail(mail).await
    /// }
    /// ```
    ///
    /// It is given up after 20 seconds, which is longer than most handlers may run. A handler that is
    /// stopped meanwhile abandons the answer and not the mail; for one that need not wait, send it
    /// from an event of its own with [`after_commit`](crate::Context::after_commit).
    ///
    /// The trap: nothing bounds how many mails one address gets. Where strangers say who gets one,
    /// count.
    ///
    /// # Errors
    /// 5050 if mail is not configured, 8008 for what is not one address, a subject that is not one
    /// line, or more than 1,000,000 bytes of text; 503 if the mail was not taken, or too many wait.
    pub async fn send_mail(&self, mail: Mail) -> Result<()> {
        self.engine().outbox.send(mail).await
    }

    /// Whether mail is configured, so that [`send_mail`](CloudCode::send_mail) can work.
    pub fn can_mail(&self) -> bool {
        self.engine().outbox.is_on()
    }
}
