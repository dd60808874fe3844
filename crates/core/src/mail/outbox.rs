use std::{sync::Arc, time::Duration};

use vestibule_model::{
    Clock, ErrorCode, LinkPurpose, ObjectId, Randomness, Settings, User, UserStatus,
};
use vestibule_storage::{Change, Storage, StorageError};

use super::{
    Mail, MailError, Mailer, checks, letters,
    queue::Queue,
    quota::{Occasion, Quota},
};
use crate::{Error, Result, one_time_links};

/// How long mails may still take when the server goes down.
const WHEN_CLOSING: Duration = Duration::from_secs(20);

/// Where mails with links leave. Clones share it.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Inner>);

struct Inner {
    storage: Arc<dyn Storage>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    mailer: Option<Arc<dyn Mailer>>,
    /// What links begin with, without a slash at the end.
    public_url: String,
    quota: Quota,
    /// Mails that somebody waits for.
    restores: Arc<Queue>,
    /// Mails of handlers, which wait for them. However many those send, ours go out meanwhile.
    of_handlers: Arc<Queue>,
    /// Mails that nobody waits for. However many register, passwords are restored meanwhile.
    confirmations: Arc<Queue>,
}

impl Outbox {
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        mailer: Option<Arc<dyn Mailer>>,
        public_url: &str,
    ) -> Self {
        let queue = || Arc::new(Queue::new(Arc::clone(&clock)));
        let (restores, of_handlers, confirmations) = (queue(), queue(), queue());
        Self(Arc::new(Inner {
            storage,
            clock,
            randomness,
            mailer,
            public_url: public_url.trim_end_matches('/').to_owned(),
            quota: Quota::default(),
            restores,
            of_handlers,
            confirmations,
        }))
    }

    /// Whether there is somebody who carries mails.
    pub(crate) fn is_on(&self) -> bool {
        self.0.mailer.is_some()
    }

    /// How users reach this server, without a slash at the end.
    pub(crate) fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// Says in the log that users cannot confirm their address although they have to.
    pub(crate) fn warn_if_off(&self, settings: &Settings) {
        if settings.registration.email_confirmation_required && !self.is_on() {
            tracing::warn!(
                "registration.emailConfirmationRequired is on and mail is not configured: whoever \
                 registers cannot log in until an operator enables the user"
            );
        }
    }

    /// Takes a mail from the quota of an address.
    ///
    /// # Errors
    /// 999 if the last one was too short a while ago.
    fn spend(&self, address: &str, occasion: Occasion) -> Result<()> {
        let now = self.0.clock.monotonic();
        self.0.quota.spend(address, occasion, now).map_err(|wait| {
            let message = "a mail to this address was asked for a short while ago; look for the \
                           newest one, or ask again later";
            Error::new(ErrorCode::LimitExhausted, message).retry_after(wait)
        })
    }

    /// Mails a link with which a user sets a new password, and waits until it is handed on.
    ///
    /// # Errors
    /// 3025 if the user has no address or the mail was not taken, and there is no link then; 999 if
    /// too many were sent to the address.
    pub(crate) async fn send_restore_password(&self, user: &User) -> Result<()> {
        let Some(to) = address_of(user) else {
            return Err(nowhere_to_send_to());
        };
        if self.0.restores.is_full() {
            return Err(Error::unavailable("too many mails are waiting"));
        }
        self.spend(to, Occasion::Restore)?;
        let sent = self.try_restore_password(user, to).await;
        if sent.is_err() {
            // A link that nobody got; should it stay, it dies within the hour.
            let unsent = one_time_links::removal(user.id(), LinkPurpose::RestorePassword);
            if let Err(error) = self.0.storage.apply(vec![unsent]).await {
                let error = Error::from(error);
                tracing::warn!(error = error.log(), "a link that was not sent stays");
            }
            self.0.quota.give_back(to, Occasion::Restore);
        }
        sent
    }

    /// Sends a mail of server code, and waits until it is handed on.
    ///
    /// # Errors
    /// 5050 if mail is not configured, 8008 for an impossible mail, 503 if it was not taken.
    pub(crate) async fn send(&self, mail: Mail) -> Result<()> {
        if !self.is_on() {
            let message =
                "mail is not configured, so no mail can be sent; ask whoever runs this app";
            return Err(Error::new(ErrorCode::MailNotConfigured, message));
        }
        checks::check(&mail)?;
        if self.0.of_handlers.is_full() {
            return Err(Error::unavailable("too many mails of handlers are waiting"));
        }
        let outbox = self.clone();
        let sending = async move { outbox.deliver(mail).await };
        let sent = self.0.of_handlers.send_in_time(sending).await?;
        sent.map_err(|error| {
            Error::unavailable(format!("a mail was not sent: {error}"))
                .saying("the mail could not be sent; try again in a minute")
                .retry_after(Duration::from_secs(60))
        })
    }

    async fn try_restore_password(&self, user: &User, to: &str) -> Result<()> {
        let url = self
            .link_for(user, LinkPurpose::RestorePassword, None)
            .await?;
        let url = url.ok_or_else(nowhere_to_send_to)?;
        let mail = letters::restore_password(to, self.site(), &url);
        let outbox = self.clone();
        let sending = async move { outbox.deliver(mail).await };
        let sent = self.0.restores.send_in_time(sending).await?;
        sent.map_err(|error| {
            let message = "the mail could not be sent; try again in a minute";
            Error::new(ErrorCode::RestoreFailed, message)
                .status(503)
                .retry_after(Duration::from_secs(60))
                .logging(format!("a mail was not sent: {error}"))
        })
    }

    /// Asks a user who has registered to confirm the address, as [`resend`](Self::resend) does.
    pub(crate) fn confirm_email(&self, id: ObjectId) {
        if self.is_on() {
            self.enqueue_confirmation(id, Some(Occasion::Registration));
        } else {
            warn_of_no_mail(&id);
        }
    }

    /// Asks a user by mail to confirm the address once more, beside the call: it neither waits for the
    /// mail nor fails by it.
    ///
    /// # Errors
    /// 999 if too many were sent to the address.
    pub(crate) fn resend(&self, user: &User) -> Result<()> {
        if !self.is_on() {
            warn_of_no_mail(user.id());
            return Ok(());
        }
        if let Some(to) = address_of(user) {
            self.spend(to, Occasion::Resend)?;
        }
        self.enqueue_confirmation(user.id().clone(), None);
        Ok(())
    }

    /// A mail that is still to be taken from the quota says from which.
    fn enqueue_confirmation(&self, id: ObjectId, unspent: Option<Occasion>) {
        let queue = &self.0.confirmations;
        if queue.is_full() {
            let user = id.as_str();
            tracing::warn!(
                user.id = user,
                "too many mails are waiting: a confirmation was not sent"
            );
            return;
        }
        let outbox = self.clone();
        let user_id = id.clone();
        let sending = async move { outbox.send_confirmation(&id, unspent).await };
        queue.send_in_turn(sending, move |error| {
            let user = user_id.as_str();
            tracing::warn!(user.id = user, %error, "a confirmation was not sent");
        });
    }

    async fn send_confirmation(
        &self,
        id: &ObjectId,
        unspent: Option<Occasion>,
    ) -> Result<(), MailError> {
        let in_words = |error: Error| MailError::new(error.log());
        let user = self.0.storage.user(id).await;
        let user = user.map_err(|error| in_words(error.into()))?;
        let is_pending = |user: &User| user.status == UserStatus::EmailConfirmationPending;
        let Some(user) = user.filter(is_pending) else {
            return Ok(());
        };
        let no_address = || MailError::new("the user has no email address");
        let to = address_of(&user).ok_or_else(no_address)?;
        if let Some(occasion) = unspent {
            self.spend(to, occasion).map_err(in_words)?;
        }
        let url = self.link_for(&user, LinkPurpose::ConfirmEmail, None).await;
        let url = url.map_err(in_words)?.ok_or_else(no_address)?;
        self.deliver(letters::confirm_email(to, self.site(), &url))
            .await
    }

    /// Makes a link for a user with an address; earlier ones for the same purpose die. What the audit
    /// trail is to say of it is a part of the same step.
    ///
    /// # Errors
    /// Fails when the user changed meanwhile, or when the database does not answer.
    pub(crate) async fn link_for(
        &self,
        user: &User,
        purpose: LinkPurpose,
        audit: Option<Change>,
    ) -> Result<Option<String>> {
        let inner = &self.0;
        let now = inner.clock.now();
        let made = one_time_links::make(user, purpose, now, &*inner.randomness);
        let Some((token, mut changes)) = made else {
            return Ok(None);
        };
        changes.extend(audit);
        inner
            .storage
            .apply(changes)
            .await
            .map_err(|error| match error {
                StorageError::Refused { .. } => Error::unavailable("the user changed meanwhile"),
                error => error.into(),
            })?;
        let (base, page) = (&inner.public_url, one_time_links::page(purpose));
        Ok(Some(format!("{base}/account/{page}/{}", token.reveal())))
    }

    /// What the site is called in a mail: where its links lead.
    fn site(&self) -> &str {
        let url = &self.0.public_url;
        url.split_once("://").map_or(url.as_str(), |(_, site)| site)
    }

    async fn deliver(&self, mail: Mail) -> Result<(), MailError> {
        let not_configured = || MailError::new("mail is not configured");
        let mailer = self.0.mailer.as_ref().ok_or_else(not_configured)?;
        mailer.send(mail).await
    }

    /// How many mails wait or are on their way.
    pub(crate) fn under_way(&self) -> usize {
        let inner = &self.0;
        [&inner.restores, &inner.of_handlers, &inner.confirmations]
            .map(|queue| queue.len())
            .iter()
            .sum()
    }

    /// Ends when no mail is on its way.
    pub(crate) async fn idle(&self) {
        self.0.restores.idle().await;
        self.0.of_handlers.idle().await;
        self.0.confirmations.idle().await;
    }

    /// Lets the mails go that wait, for a while.
    pub(crate) async fn drain(&self) {
        let clock = &self.0.clock;
        let late = clock.sleep_until(clock.monotonic().plus(WHEN_CLOSING));
        tokio::select! {
            biased;
            () = self.idle() => {}
            () = late => {
                self.0.restores.give_up();
                self.0.of_handlers.give_up();
                self.0.confirmations.give_up();
                self.idle().await;
            }
        }
    }
}

/// Where mails to a user go.
fn address_of(user: &User) -> Option<&str> {
    user.email().filter(|email| !email.is_empty())
}

fn nowhere_to_send_to() -> Error {
    let message = "this user has no email address that a link could be sent to; ask whoever runs this \
                   app for a new password";
    Error::new(ErrorCode::RestoreFailed, message)
}

fn warn_of_no_mail(id: &ObjectId) {
    let user = id.as_str();
    tracing::warn!(
        user.id = user,
        "mail is not configured, so nobody asks this user to confirm the address; an operator can \
         enable the user"
    );
}
