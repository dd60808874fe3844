use std::path::PathBuf;

use vestibule_mail::{Sender, SmtpAddress, SmtpLogin};

use super::{ConfigError, origin::Origin, sources::Sources};
use crate::settings;

/// Whom mails come from that go into a folder: nobody reads them anywhere else.
const FROM_HERE: &str = "vestibule@localhost";

/// How mails go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MailConfig {
    /// Not at all.
    Off,
    /// As files.
    Folder {
        /// Where to.
        folder: PathBuf,
        /// Whom they come from.
        from: Sender,
    },
    /// By a server.
    Smtp {
        /// Which one.
        address: SmtpAddress,
        /// What it wants to see.
        login: Option<SmtpLogin>,
        /// Whom they come from.
        from: Sender,
    },
}

/// What the operator says about mail.
///
/// # Errors
/// Says which setting will not do, contradicts another one, or lacks another one.
pub(super) fn mail(sources: &Sources<'_>) -> Result<MailConfig, ConfigError> {
    let smtp = sources.text(&settings::MAIL_SMTP)?;
    let folder = sources.text(&settings::MAIL_FOLDER)?;
    let user = sources.text(&settings::MAIL_SMTP_USER)?;
    let password = sources.text(&settings::MAIL_SMTP_PASSWORD)?;
    let given_from = sources.text(&settings::MAIL_FROM)?;
    let from = given_from.as_ref().map(|from| from.parse(Sender::parse));
    let from = from.transpose()?;
    if let (Some(smtp), Some(folder)) = (&smtp, &folder) {
        return Err(ConfigError::Contradiction {
            one: Box::new(smtp.origin.clone()),
            other: Box::new(folder.origin.clone()),
            advice: "mails go to a server or into a folder; leave one of them out",
        });
    }
    let needs = |origin: &Origin, lacking| ConfigError::Lacking {
        origin: Box::new(origin.clone()),
        lacking,
    };
    if let Some(smtp) = smtp {
        let address = smtp.parse(SmtpAddress::parse)?;
        let Some(from) = from else {
            return Err(needs(&smtp.origin, &settings::MAIL_FROM));
        };
        let login = match (user, password) {
            (None, None) => None,
            (Some(user), None) => {
                return Err(needs(&user.origin, &settings::MAIL_SMTP_PASSWORD));
            }
            (None, Some(password)) => {
                return Err(needs(&password.origin, &settings::MAIL_SMTP_USER));
            }
            (Some(_), Some(password)) if address.is_open() => {
                return Err(ConfigError::Contradiction {
                    one: Box::new(password.origin),
                    other: Box::new(smtp.origin),
                    advice: "without TLS the password could be read on the way; use smtps:// or \
                             smtp://, or a server that wants no password",
                });
            }
            (Some(user), Some(password)) => Some(SmtpLogin {
                user: user.value,
                password: password.value,
            }),
        };
        return Ok(MailConfig::Smtp {
            address,
            login,
            from,
        });
    }
    if let Some(of_smtp) = user.or(password) {
        return Err(needs(&of_smtp.origin, &settings::MAIL_SMTP));
    }
    match (folder, from, given_from) {
        (Some(folder), from, _) => {
            if folder.value.is_empty() {
                return Err(ConfigError::invalid(&folder.origin, "a path, and is empty"));
            }
            let from = from.map_or_else(|| Sender::parse(FROM_HERE), Ok);
            Ok(MailConfig::Folder {
                from: from.map_err(|expected| ConfigError::invalid(&folder.origin, expected))?,
                folder: folder.path(),
            })
        }
        (None, None, _) | (None, _, None) => Ok(MailConfig::Off),
        (None, Some(_), Some(given)) => Err(needs(&given.origin, &settings::MAIL_SMTP)),
    }
}
