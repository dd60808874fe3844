use std::{fmt, time::Duration};

use crate::{Error, Result};

/// What browsers keep of a cookie, its name and value together (RFC 6265, section 6.1).
const BYTES_AT_MOST: usize = 4096;

/// What browsers keep of an attribute (RFC 6265bis, section 5.6).
const ATTRIBUTE_BYTES_AT_MOST: usize = 1024;

/// A cookie for the client, to be set with [`Response::set_cookie`](crate::Response::set_cookie).
///
/// ```
/// use std::time::Duration;
///
/// use vestibule::{Cookie, SameSite};
///
/// let cookie = Cookie::new("campaign", "spring")
///     .max_age(Duration::from_hours(24))
///     .same_site(SameSite::Strict);
/// assert_eq!(
///     "campaign=spring; Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Strict",
///     cookie.header(),
/// );
/// ```
///
/// Unless told otherwise it holds for the whole site that sets it and nobody else's, until the
/// browser is closed; no script can read it, it travels over TLS alone (browsers trust most local
/// addresses without), and other sites' forms do not send it along.
///
/// The traps: the browser of an app on another site than the server keeps it only with
/// [`SameSite::None`], and many browsers not even then. And what browsers send back is a secret, like
/// tokens: no handler sees it. A cookie is for what else runs on the site, or for scripts.
///
/// `Debug` leaves the value out.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    name: String,
    value: String,
    path: String,
    domain: Option<String>,
    max_age: Option<Duration>,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
}

/// Whether a cookie travels with requests that another site started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// With none of them, links included.
    Strict,
    /// With links that a user follows, and with nothing else.
    #[default]
    Lax,
    /// With all of them. Whatever the cookie allows, every site can then have done in the user's name.
    None,
}

impl Cookie {
    /// A cookie with the defaults above.
    ///
    /// A value is of visible ASCII letters without `"`, `,`, `;` and `\`; encode what is not, for
    /// instance percent-encoded or as base64.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            path: "/".to_owned(),
            domain: None,
            max_age: None,
            secure: true,
            http_only: true,
            same_site: SameSite::default(),
        }
    }

    /// Takes a cookie away from the browser. Path and domain must be those that it was set with.
    pub fn removal(name: impl Into<String>) -> Self {
        Self::new(name, "").max_age(Duration::ZERO)
    }

    /// Holds below this path only; it begins with `/`.
    pub fn path(self, path: impl Into<String>) -> Self {
        let path = path.into();
        Self { path, ..self }
    }

    /// Holds for this host and everything below it, rather than for the host that sets it alone.
    pub fn domain(self, domain: impl Into<String>) -> Self {
        let domain = Some(domain.into().to_ascii_lowercase());
        Self { domain, ..self }
    }

    /// Lasts for so long, in whole seconds, rather than until the browser is closed.
    pub fn max_age(self, max_age: Duration) -> Self {
        let max_age = Some(max_age);
        Self { max_age, ..self }
    }

    /// Whether it travels over TLS alone.
    pub fn secure(self, secure: bool) -> Self {
        Self { secure, ..self }
    }

    /// Whether it is hidden from scripts.
    pub fn http_only(self, http_only: bool) -> Self {
        Self { http_only, ..self }
    }

    /// Whether it travels with requests that another site started.
    pub fn same_site(self, same_site: SameSite) -> Self {
        Self { same_site, ..self }
    }

    /// The value of the header `set-cookie`.
    pub fn header(&self) -> String {
        let mut text = format!("{}={}; Path={}", self.name, self.value, self.path);
        if let Some(domain) = &self.domain {
            text.push_str("; Domain=");
            text.push_str(domain);
        }
        if let Some(max_age) = self.max_age {
            // Rounded up: a second that is cut to none would remove the cookie.
            let seconds = max_age
                .as_secs()
                .saturating_add(u64::from(max_age.subsec_nanos() > 0));
            text.push_str(&format!("; Max-Age={seconds}"));
        }
        if self.secure {
            text.push_str("; Secure");
        }
        if self.http_only {
            text.push_str("; HttpOnly");
        }
        text.push_str(match self.same_site {
            SameSite::Strict => "; SameSite=Strict",
            SameSite::Lax => "; SameSite=Lax",
            SameSite::None => "; SameSite=None",
        });
        text
    }

    /// Whether a browser keeps one of the two only.
    pub(crate) fn is_replaced_by(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    /// The cookie, if a browser would take it as it is meant.
    pub(crate) fn checked(self) -> Result<Self> {
        match self.fault() {
            None => Ok(self),
            Some(fault) => Err(Error::internal(format!(
                "a handler set an impossible cookie {:?}: {fault}",
                self.name
            ))),
        }
    }

    fn fault(&self) -> Option<String> {
        if !is_token(&self.name) {
            let fault = "a name consists of ASCII letters, digits and !#$%&'*+-.^_`|~";
            return Some(fault.to_owned());
        }
        // RFC 6265, section 4.1.1: cookie-octet.
        let octet = |c: char| c.is_ascii_graphic() && !"\",;\\".contains(c);
        if !self.value.chars().all(octet) {
            let fault = "a value consists of visible ASCII letters without \", comma, ; and \\; \
                         encode it, for instance as base64";
            return Some(fault.to_owned());
        }
        if self.name.len() + self.value.len() > BYTES_AT_MOST {
            return Some(format!(
                "name and value are longer than {BYTES_AT_MOST} bytes"
            ));
        }
        if !is_path(&self.path) {
            let fault = "a path begins with / and consists of visible ASCII letters without ;";
            return Some(format!("{fault}, {ATTRIBUTE_BYTES_AT_MOST} at most"));
        }
        if self
            .domain
            .as_deref()
            .is_some_and(|domain| !is_domain(domain))
        {
            let fault =
                "a domain is the name of a host, without a scheme, a port or a dot in front";
            return Some(fault.to_owned());
        }
        if self.same_site == SameSite::None && !self.secure {
            return Some("browsers keep SameSite::None only if it is secure".to_owned());
        }
        self.prefix_fault().map(str::to_owned)
    }

    /// What a prefix of the name promises (RFC 6265bis, section 4.1.3), the cookie must keep.
    fn prefix_fault(&self) -> Option<&'static str> {
        let has = |prefix: &str| {
            let start = self.name.get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        if (has("__Secure-") || has("__Host-")) && !self.secure {
            return Some("browsers keep a name that begins like this only if it is secure");
        }
        if has("__Host-") && (self.domain.is_some() || self.path != "/") {
            return Some("browsers keep __Host- only with the path / and without a domain");
        }
        None
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookie")
            .field("name", &self.name)
            .field("path", &self.path)
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

/// Whether this is a token (RFC 9110, section 5.6.2), as names of headers and cookies are.
pub(crate) fn is_token(name: &str) -> bool {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(token)
}

fn is_path(path: &str) -> bool {
    let visible = |c: char| c.is_ascii_graphic() && c != ';';
    path.starts_with('/') && path.len() <= ATTRIBUTE_BYTES_AT_MOST && path.chars().all(visible)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (1..=63).contains(&label.len())
            && label.chars().all(letter)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.split('.').all(is_label)
}
