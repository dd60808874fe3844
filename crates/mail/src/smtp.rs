use std::{
    error::Error as _,
    fmt, process,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use vestibule_core::{Mail, MailError, Mailer};
use vestibule_model::Clock;

use crate::{Sender, message::message};

/// How long it may take to reach the server. `lettre` bounds nothing behind that: the engine does, by
/// dropping the whole delivery.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Longest part of what a server said that is repeated in the log.
const SAID_AT_MOST: usize = 300;

/// Where an SMTP server is, and how the way there is protected.
///
/// ```
/// use vestibule_mail::SmtpAddress;
///
/// let address = SmtpAddress::parse("smtps://mail.example.com")?;
/// assert_eq!("smtps://mail.example.com:465", address.to_string());
/// assert!(SmtpAddress::parse("https://mail.example.com").is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpAddress {
    host: String,
    port: u16,
    protection: Protection,
}

/// How the way to the server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    /// By TLS from the first byte on.
    Tls,
    /// By TLS after STARTTLS, without which nothing is sent.
    StartTls,
    /// Not at all.
    None,
}

impl Protection {
    const ALL: [Self; 3] = [Self::Tls, Self::StartTls, Self::None];

    const fn scheme(self) -> &'static str {
        match self {
            Self::Tls => "smtps",
            Self::StartTls => "smtp",
            Self::None => "smtp-plain",
        }
    }

    const fn usual_port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

impl SmtpAddress {
    /// Reads `smtps://HOST[:PORT]` (TLS, port 465), `smtp://HOST[:PORT]` (STARTTLS, port 587) or
    /// `smtp-plain://HOST[:PORT]` (neither, port 25).
    ///
    /// # Errors
    /// Says what the text must be, without repeating it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || {
            "smtps://HOST (TLS, port 465), smtp://HOST (STARTTLS, port 587) or smtp-plain://HOST \
             (no TLS, port 25), each with :PORT if it is another one"
                .to_owned()
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(expected)?;
        let protection = Protection::ALL
            .into_iter()
            .find(|protection| protection.scheme() == scheme)
            .ok_or_else(expected)?;
        if rest.contains('@') {
            return Err("a URL without user and password, which have settings of their own".into());
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // The colons of an IPv6 address stand in brackets.
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (rest, None),
        };
        let port = match port {
            None => protection.usual_port(),
            Some(port) => port
                .parse()
                .ok()
                .filter(|port| *port > 0)
                .ok_or_else(expected)?,
        };
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let is_address = bare.is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok());
        let is_name = host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
        if host.is_empty() || !(is_address || is_name) {
            return Err(expected());
        }
        Ok(Self {
            host: bare.unwrap_or(host).to_owned(),
            port,
            protection,
        })
    }

    /// Whether others on the way could read what is sent: neither TLS nor this very machine.
    pub fn is_open(&self) -> bool {
        let here = ["localhost", "127.0.0.1", "::1"];
        self.protection == Protection::None && !here.contains(&&*self.host)
    }
}

impl fmt::Display for SmtpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host, port) = (self.protection.scheme(), &self.host, self.port);
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

/// What an SMTP server wants to see before it takes mails. `Debug` leaves the password out.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpLogin {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for SmtpLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpLogin")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Sends mails by an SMTP server, over a connection of its own each.
///
/// The server's certificate is checked against the authorities that browsers know.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Sender,
    clock: Arc<dyn Clock>,
    number: AtomicU64,
}

impl Smtp {
    /// Mails go to this server; nothing is said to it before the first one.
    ///
    /// # Errors
    /// Fails when the name of the server is none that a certificate can be for.
    pub fn new(
        address: &SmtpAddress,
        login: Option<SmtpLogin>,
        from: Sender,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, MailError> {
        let parameters = || {
            TlsParameters::new(address.host.clone())
                .map_err(|error| MailError::new(error.to_string()))
        };
        let tls = match address.protection {
            Protection::Tls => Tls::Wrapper(parameters()?),
            Protection::StartTls => Tls::Required(parameters()?),
            Protection::None => Tls::None,
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&*address.host)
            .port(address.port)
            .tls(tls)
            .timeout(Some(CONNECT_LIMIT))
            .hello_name(ClientId::Domain(from.domain().to_owned()));
        let transport = match login {
            Some(SmtpLogin { user, password }) => {
                transport.credentials(Credentials::new(user, password))
            }
            None => transport,
        };
        Ok(Self {
            transport: transport.build(),
            from,
            clock,
            number: AtomicU64::new(0),
        })
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let now = self.clock.now();
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}.{number}.{}", now.as_millis(), process::id());
        let message = message(&mail, &self.from, now, &id)?;
        let sent = self.transport.send(message).await;
        sent.map(|_| ()).map_err(|error| {
            let mut said = error.to_string();
            if let Some(cause) = error.source() {
                said = format!("{said}: {cause}");
            }
            MailError::new(for_the_log(&said, &mail.text))
        })
    }
}

/// What a server said, in one line and without what is secret in the mail: filters of spam like to
/// repeat the link that they object to.
fn for_the_log(said: &str, text: &str) -> String {
    let mut said = said.replace(char::is_control, " ");
    for url in text.split_whitespace().filter(|word| word.contains("://")) {
        if let Some((_, secret)) = url.rsplit_once('/').filter(|(_, end)| !end.is_empty()) {
            said = said.replace(secret, "***");
        }
    }
    said.chars().take(SAID_AT_MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_a_host_and_perhaps_a_port() {
        for (text, read) in [
            ("smtps://mail.example.com", "smtps://mail.example.com:465"),
            ("smtp://mail.example.com/", "smtp://mail.example.com:587"),
            ("smtp-plain://localhost:2525", "smtp-plain://localhost:2525"),
            ("smtps://[::1]", "smtps://[::1]:465"),
            ("smtps://[::1]:1465", "smtps://[::1]:1465"),
        ] {
            assert_eq!(
                Ok(read.to_owned()),
                SmtpAddress::parse(text).map(|read| read.to_string())
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for text in [
            "",
            "mail.example.com",
            "https://mail.example.com",
            "smtp://",
            "smtp://:587",
            "smtp://host:0",
            "smtp://host:65536",
            "smtp://host:secret",
            "smtp://a b",
            "smtp://host/path",
            "smtp://user:secret@host",
            "smtp://::1",
        ] {
            let refusal = SmtpAddress::parse(text).unwrap_err();
            assert!(!refusal.contains("secret"), "{refusal}");
        }
    }

    #[test]
    fn only_a_way_without_tls_that_leaves_the_machine_is_open() {
        for (text, open) in [
            ("smtps://mail.example.com", false),
            ("smtp://mail.example.com", false),
            ("smtp-plain://localhost", false),
            ("smtp-plain://[::1]", false),
            ("smtp-plain://mail.example.com", true),
        ] {
            assert_eq!(open, SmtpAddress::parse(text).unwrap().is_open(), "{text}");
        }
    }

    #[test]
    fn the_password_is_never_printed() {
        let login = SmtpLogin {
            user: "shop".to_owned(),
            password: "secret".to_owned(),
        };
        assert!(!format!("{login:?}").contains("secret"));
    }
}
