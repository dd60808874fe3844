//! One function a kind of value: takes the text, or says what the text must be.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tracing_subscriber::EnvFilter;
use vestibule_http::IpNet;
use vestibule_model::Profile;

use super::{
    ConfigError,
    origin::{Given, Origin},
};

/// Makes a text what it is meant to be; the error says what would have done.
pub(crate) type Check<T> = fn(&str) -> Result<T, String>;

/// What the first part of a path means to us, whatever app is served.
const RESERVED_APP_IDS: [&str; 8] = [
    "account",
    "admin",
    "api",
    "healthz",
    "metrics",
    "openapi.json",
    "pages",
    "readyz",
];

const KEY: &str = "16 to 128 letters, digits, `-`, `_` or `.`, beginning with a letter or a digit";

/// An address and a port; `localhost` is 127.0.0.1.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = text
        .strip_prefix("localhost:")
        .map(|port| format!("127.0.0.1:{port}"));
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| {
        "an address and a port, as in 127.0.0.1:9000, 0.0.0.0:9000 or [::1]:9000".to_owned()
    })
}

/// Addresses and networks, each text one of them or several with commas between; the empty text
/// is none of them.
pub(crate) fn networks(given: Option<Given<Vec<String>>>) -> Result<Vec<IpNet>, ConfigError> {
    let Some(given) = given else {
        return Ok(Vec::new());
    };
    given
        .value
        .iter()
        .flat_map(|text| text.split(','))
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| {
            let address = || text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>().or_else(|_| address()).map_err(|_| {
                let expected = "addresses or networks, as in 10.0.0.7 or 10.0.0.0/8, \
                                with commas between them";
                ConfigError::invalid(&given.origin, expected)
            })
        })
        .collect()
}

/// How users reach the server; the answer has no slash at its end.
pub(crate) fn public_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let after_scheme = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let sound = |rest: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]%".contains(&byte);
        rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') && rest.bytes().all(plain)
    };
    if url.len() <= 200 && after_scheme.is_some_and(sound) {
        return Ok(url.to_owned());
    }
    Err("a URL without a query, as in https://app.example.com, up to 200 characters".to_owned())
}

/// The URL of a collector; the answer has no slash at its end.
pub(crate) fn otlp_endpoint(text: &str) -> Result<String, String> {
    if !cfg!(feature = "otlp") {
        return Err(
            "left out: this server was built without the feature otlp of \
                    vestibule-server; build it with `--features vestibule-server/otlp`"
                .to_owned(),
        );
    }
    let url = public_url(text)
        .ok()
        .filter(|url| url.starts_with("http://"));
    url.ok_or_else(|| {
        "a URL without TLS, as in http://127.0.0.1:4318, best of a collector on this very machine, \
         which may send the traces on to wherever they are to go"
            .to_owned()
    })
}

/// The length of a prefix of IPv4 addresses.
pub(crate) fn bits_v4(text: &str) -> Result<u8, String> {
    bits(text, 32)
}

/// The length of a prefix of IPv6 addresses.
pub(crate) fn bits_v6(text: &str) -> Result<u8, String> {
    bits(text, 128)
}

/// With no bit at all, one guest too many would shut out the whole world.
fn bits(text: &str, most: u8) -> Result<u8, String> {
    let bits = text.parse().ok().filter(|bits| (1..=most).contains(bits));
    bits.ok_or_else(|| format!("a number of bits from 1 to {most}"))
}

/// How many connections of one server a database can be asked for.
pub(crate) fn connections(text: &str) -> Result<usize, String> {
    let connections = text.parse().ok().filter(|some| (1..=1000).contains(some));
    connections.ok_or_else(|| "a number of connections from 1 to 1000".to_owned())
}

/// A time that a call waits: never none, never for ever.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|some| (1..=3600).contains(some));
    let seconds = seconds.map(Duration::from_secs);
    seconds.ok_or_else(|| "a number of seconds from 1 to 3600".to_owned())
}

pub(crate) fn profile(text: &str) -> Result<Profile, String> {
    match text {
        "strict" => Ok(Profile::Strict),
        "backendless" => Ok(Profile::Backendless),
        _ => Err("strict or backendless".to_owned()),
    }
}

pub(crate) fn log_filter(text: &str) -> Result<EnvFilter, String> {
    EnvFilter::builder().parse(text).map_err(|_| {
        "a level (error, warn, info, debug, trace), also by module, \
         as in info,vestibule_http=debug"
            .to_owned()
    })
}

/// An app id is a part of paths, and must not hide the paths that are ours.
pub(crate) fn app_id(text: &str) -> Result<String, String> {
    if RESERVED_APP_IDS.contains(&text) {
        return Err("another word: this one is a path of the server's own".to_owned());
    }
    if is_path_segment(text) && text.len() <= 64 {
        return Ok(text.to_owned());
    }
    Err("1 to 64 letters, digits, `-`, `_` or `.`, beginning with a letter or a digit".to_owned())
}

/// An API key is a part of paths, too. Short ones can be guessed.
pub(crate) fn key(text: &str) -> Result<String, String> {
    if is_path_segment(text) && (16..=128).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err(KEY.to_owned())
}

/// A key that there does not have to be: the engine takes the empty text for "off".
pub(crate) fn key_or_off(text: &str) -> Result<String, String> {
    match text {
        "off" | "" => Ok(String::new()),
        _ => key(text).map_err(|expected| format!("off, or {expected}")),
    }
}

/// The token travels in a header.
pub(crate) fn admin_token(text: &str) -> Result<String, String> {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && (16..=256).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err("16 to 256 visible ASCII characters without spaces".to_owned())
}

/// Whether the text can stand in a URL as it is. A dot in front is refused for `.` and `..`.
fn is_path_segment(text: &str) -> bool {
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    begins_well
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Refuses to take one text for two things, such as a client's key and the admin token.
#[derive(Debug, Default)]
pub(crate) struct Distinct(Vec<(String, Origin)>);

impl Distinct {
    /// Adds a text; the empty one is none.
    pub(crate) fn add(&mut self, text: &str, origin: Origin) -> Result<(), ConfigError> {
        if text.is_empty() {
            return Ok(());
        }
        if let Some((_, other)) = self.0.iter().find(|(earlier, _)| earlier == text) {
            return Err(ConfigError::Same {
                one: Box::new(other.clone()),
                other: Box::new(origin),
            });
        }
        self.0.push((text.to_owned(), origin));
        Ok(())
    }
}
