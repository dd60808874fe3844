use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use vestibule_core::{Mail, MailError, Mailer};
use vestibule_model::Clock;

use crate::{Sender, message::message};

/// Writes mails into a folder, a file `.eml` each, instead of sending them: for development and tests.
///
/// The names of the files are in the order of the mails. A file is there in one piece or not at all,
/// and only its owner can read it: there are links in it with which passwords are set.
///
/// The trap: nobody ever removes a file.
pub struct MailFolder {
    folder: PathBuf,
    from: Sender,
    clock: Arc<dyn Clock>,
    /// Tells mails of one millisecond apart.
    number: Arc<AtomicU64>,
}

impl MailFolder {
    /// Mails go into this folder, which is made with the first one if it is not there.
    pub fn new(folder: impl Into<PathBuf>, from: Sender, clock: Arc<dyn Clock>) -> Self {
        Self {
            folder: folder.into(),
            from,
            clock,
            number: Arc::default(),
        }
    }
}

#[async_trait]
impl Mailer for MailFolder {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let now = self.clock.now();
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:013}-{:06}-{}", now.as_millis(), number, process::id());
        let bytes = message(&mail, &self.from, now, &id)?.formatted();
        let folder = self.folder.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &id, &bytes)).await;
        let written = written.map_err(|error| MailError::new(error.to_string()))?;
        written.map_err(|error| {
            let folder = self.folder.display();
            MailError::new(format!("no mail can be written into {folder}: {error}"))
        })
    }
}

/// First under a name that nobody looks at, and then under its own.
fn write(folder: &Path, id: &str, bytes: &[u8]) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let unfinished = folder.join(format!(".{id}.unfinished"));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    let finished = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&unfinished, folder.join(format!("{id}.eml"))));
    if finished.is_err() {
        // Half a mail is of no use; that it cannot be removed either changes nothing.
        let _ = fs::remove_file(&unfinished);
    }
    finished
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use vestibule_model::{ManualClock, Timestamp};

    use super::*;

    const LINK: &str = "https://app.example.com/account/restore-password/\
                        AZtXv-j8cQeUYfZ2xq3aRw.q83vEjRWeJC6mHZUMhD-3LqYdlQyEP7cupgyEP7cupg-a-secret";

    fn mail(to: &str) -> Mail {
        Mail {
            to: to.to_owned(),
            subject: "Set a new password".to_owned(),
            text: format!("Open this page:\n\n{LINK}\n"),
        }
    }

    fn mailer(folder: &Path) -> MailFolder {
        let from = Sender::parse("Shop <no-reply@example.com>").unwrap();
        let clock = ManualClock::at(Timestamp::from_millis(1_767_225_600_000));
        MailFolder::new(folder, from, Arc::new(clock))
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort_unstable();
        files
    }

    #[tokio::test]
    async fn a_mail_becomes_a_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let mails = folder.path().join("made/when/needed");
        mailer(&mails).send(mail("ann@example.com")).await.unwrap();
        let [file] = &*files(&mails) else {
            panic!("one mail is one file");
        };
        assert_eq!("eml", file.extension().unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((0o600, 0o700), (mode(file), mode(&mails)));
        let text = fs::read_to_string(file).unwrap();
        for line in [
            "From: Shop <no-reply@example.com>\r\n",
            "To: ann@example.com\r\n",
            "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n",
            "Subject: Set a new password\r\n",
            "Auto-Submitted: auto-generated\r\n",
        ] {
            assert!(text.contains(line), "{line:?} is missing in {text}");
        }
        let link_in_one_piece = format!("\r\n{LINK}\r\n");
        assert!(text.contains(&link_in_one_piece), "{text}");
    }

    #[tokio::test]
    async fn the_names_of_files_are_in_the_order_of_the_mails() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = mailer(folder.path());
        for number in 0..12 {
            let to = format!("user{number:02}@example.com");
            mailer.send(mail(&to)).await.unwrap();
        }
        for (number, file) in files(folder.path()).into_iter().enumerate() {
            let text = fs::read_to_string(file).unwrap();
            assert!(text.contains(&format!("To: user{number:02}@")));
        }
    }

    #[tokio::test]
    async fn what_is_not_one_address_is_refused_and_never_becomes_a_header() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = mailer(folder.path());
        for to in [
            "",
            "ann",
            "Ann <ann@example.com>",
            "ann@example.com, bob@example.com",
            "ann@example.com\r\nBcc: bob@example.com",
        ] {
            assert!(mailer.send(mail(to)).await.is_err(), "{to:?}");
        }
        assert!(files(folder.path()).is_empty());
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        fs::write(&file, "").unwrap();
        let error = mailer(&file).send(mail("ann@example.com")).await;
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("a file") && !error.contains("secret"),
            "{error}"
        );
    }
}
