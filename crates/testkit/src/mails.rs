use std::{
    future,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use vestibule_core::{Mail, MailError, Mailer};

/// Keeps the mails of a test, or refuses them, or never comes to an end.
#[derive(Debug, Default)]
pub(crate) struct KeptMails {
    mails: Mutex<Vec<Mail>>,
    is_broken: AtomicBool,
    is_stuck: AtomicBool,
    stuck: AtomicUsize,
}

impl KeptMails {
    pub(crate) fn all(&self) -> Vec<Mail> {
        self.mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn get_stuck(&self, is_stuck: bool) {
        self.is_stuck.store(is_stuck, Ordering::Release);
    }

    pub(crate) fn stalled(&self) -> usize {
        self.stuck.load(Ordering::Acquire)
    }

    pub(crate) fn break_down(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::Release);
    }
}

#[async_trait]
impl Mailer for KeptMails {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        if self.is_stuck.load(Ordering::Acquire) {
            self.stuck.fetch_add(1, Ordering::AcqRel);
            future::pending::<()>().await;
        }
        if self.is_broken.load(Ordering::Acquire) {
            return Err(MailError::new("the test broke the mailer"));
        }
        self.mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(mail);
        Ok(())
    }
}
