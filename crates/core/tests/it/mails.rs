//! What several tests read in mails.

use vestibule_testkit::{Mail, TestKit};

/// The last mail that was sent.
pub(crate) async fn last_mail(kit: &TestKit) -> Mail {
    kit.mails().await.pop().unwrap()
}

/// The link in a mail.
pub(crate) fn link(mail: &Mail) -> &str {
    let mut lines = mail.text.lines();
    lines.find(|line| line.starts_with("http")).unwrap()
}

/// The secret part of the link in a mail.
pub(crate) fn secret(mail: &Mail) -> &str {
    link(mail).rsplit('/').next().unwrap()
}
