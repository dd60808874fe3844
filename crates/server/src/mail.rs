//! From what the configuration says about mail to what the engine is given.

use std::{net::SocketAddr, sync::Arc};

use vestibule_core::{MailError, Mailer};
use vestibule_mail::{MailFolder, Smtp};
use vestibule_model::SystemClock;

use crate::{
    config::{Config, MailConfig},
    greeting::reachable,
};

/// Who carries mails, if anybody does. No server is asked before the first mail.
///
/// # Errors
/// Fails when the name of the server is none that a certificate can be for.
pub(crate) fn mailer(config: &MailConfig) -> Result<Option<Arc<dyn Mailer>>, MailError> {
    let clock = Arc::new(SystemClock::start());
    Ok(match config.clone() {
        MailConfig::Off => None,
        MailConfig::Folder { folder, from } => Some(Arc::new(MailFolder::new(folder, from, clock))),
        MailConfig::Smtp {
            address,
            login,
            from,
        } => Some(Arc::new(Smtp::new(&address, login, from, clock)?)),
    })
}

/// What links in mails begin with.
pub(crate) fn public_url(config: &Config, address: SocketAddr) -> String {
    let given = config.public_url.clone();
    given.unwrap_or_else(|| format!("http://{}", reachable(address)))
}
