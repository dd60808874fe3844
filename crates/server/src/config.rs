//! What the operator wants: flags, environment and `vestibule.toml` as one [`Config`].

mod checks;
mod database;
mod error;
mod file;
mod mail;
mod origin;
mod similar;
mod sources;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::ArgMatches;
use tracing_subscriber::EnvFilter;
use vestibule_core::{AppConfig, HandlerConfig, Registry};
use vestibule_http::IpNet;
use vestibule_model::KeyKind;

use self::{checks::Distinct, file::ConfigFile, sources::Sources};
pub(crate) use self::{database::DatabaseConfig, error::ConfigError, mail::MailConfig};
use crate::settings;

/// The variables of the environment, by name.
pub(crate) type Environment = HashMap<String, OsString>;

/// The file that is read when none is named, if it is there.
const DEFAULT_FILE: &str = "vestibule.toml";

/// Everything that can be said about the process before it starts.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Leading bits of IPv4 and IPv6 addresses whose guests share one quota.
    pub(crate) guest_prefixes: (u8, u8),
    /// Where the app's static pages are, if there are any.
    pub(crate) pages: Option<PathBuf>,
    pub(crate) data: PathBuf,
    /// Where the app's data is.
    pub(crate) database: DatabaseConfig,
    pub(crate) mail: MailConfig,
    /// What links in mails begin with, if somebody said so.
    pub(crate) public_url: Option<String>,
    pub(crate) app: AppConfig,
    /// Whether somebody chose the profile, rather than leaving it alone.
    pub(crate) profile_chosen: bool,
    pub(crate) handlers: HandlerConfig,
    pub(crate) log: EnvFilter,
    /// Where traces go, if anywhere.
    pub(crate) otlp_endpoint: Option<String>,
    /// What is allowed but most likely a mistake.
    pub(crate) warnings: Vec<String>,
}

impl Config {
    /// Reads the configuration file, puts flags and environment over it, and checks all of it.
    ///
    /// # Errors
    /// Says which setting is wrong, where it was given, and what would do.
    pub(crate) fn read(flags: &ArgMatches, env: &Environment) -> Result<Self, ConfigError> {
        let named = Sources::new(flags, env, None).text(&settings::CONFIG)?;
        let file = match named {
            Some(named) => Some(ConfigFile::read(Path::new(&named.value))?),
            None if Path::new(DEFAULT_FILE).exists() => {
                Some(ConfigFile::read(Path::new(DEFAULT_FILE))?)
            }
            None => None,
        };
        Self::resolve(flags, env, file)
    }

    /// Puts flags and environment over the file.
    fn resolve(
        flags: &ArgMatches,
        env: &Environment,
        mut file: Option<ConfigFile>,
    ) -> Result<Self, ConfigError> {
        let mut warnings = similar::misspelled_variables(env);
        let mut handlers = HandlerConfig::default();
        if let Some(file) = &mut file {
            warnings.extend(file.exposed_secrets());
            handlers = std::mem::take(&mut file.handlers);
        }
        // Asked again by the engine; here it is a mistake in the configuration, found before
        // anything is opened or made.
        Registry::collected(&handlers)?;

        let sources = Sources::new(flags, env, file.as_ref());
        let profile = sources.text(&settings::PROFILE)?;
        Ok(Self {
            listen: sources.parsed(&settings::LISTEN, checks::address)?,
            trusted_proxies: checks::networks(sources.list(&settings::TRUSTED_PROXY)?)?,
            guest_prefixes: (
                sources.parsed(&settings::GUEST_PREFIX_V4, checks::bits_v4)?,
                sources.parsed(&settings::GUEST_PREFIX_V6, checks::bits_v6)?,
            ),
            pages: pages(&sources)?,
            data: sources.path(&settings::DATA_FOLDER)?,
            database: database::database(&sources, &mut warnings)?,
            mail: mail::mail(&sources)?,
            public_url: match sources.text(&settings::PUBLIC_URL)? {
                Some(given) => Some(given.parse(checks::public_url)?),
                None => None,
            },
            app: app(&sources)?,
            profile_chosen: profile.is_some(),
            handlers,
            log: sources.parsed(&settings::LOG, checks::log_filter)?,
            otlp_endpoint: match sources.text(&settings::OTLP_ENDPOINT)? {
                Some(given) => Some(given.parse(checks::otlp_endpoint)?),
                None => None,
            },
            warnings,
        })
    }
}

/// The folder with the app's pages. It must be there: a misspelled one would serve nothing.
fn pages(sources: &Sources<'_>) -> Result<Option<PathBuf>, ConfigError> {
    let Some(given) = sources.text(&settings::PAGES)? else {
        return Ok(None);
    };
    let folder = given.path();
    if !folder.is_dir() {
        return Err(ConfigError::invalid(
            &given.origin,
            "a folder that is there",
        ));
    }
    Ok(Some(folder))
}

/// The app's id, keys, admin token and profile.
fn app(sources: &Sources<'_>) -> Result<AppConfig, ConfigError> {
    let mut distinct = Distinct::default();
    let mut secret = |setting, check: checks::Check<String>| {
        let Some(given) = sources.text(setting)? else {
            return Ok(None);
        };
        let text = given.parse(check)?;
        distinct.add(&text, given.origin)?;
        Ok::<_, ConfigError>(Some(text))
    };
    let id = secret(&settings::APP_ID, checks::app_id)?;
    let admin_token = secret(&settings::ADMIN_TOKEN, checks::admin_token)?;
    let mut keys = Vec::new();
    for (kind, setting) in [
        (KeyKind::Js, &settings::KEY_JS),
        (KeyKind::Rest, &settings::KEY_REST),
        (KeyKind::Android, &settings::KEY_ANDROID),
        (KeyKind::Ios, &settings::KEY_IOS),
    ] {
        keys.extend(secret(setting, checks::key)?.map(|key| (kind, key)));
    }
    let cloudcode = secret(&settings::KEY_CLOUDCODE, checks::key_or_off)?;
    keys.extend(cloudcode.map(|key| (KeyKind::Bl, key)));
    Ok(AppConfig {
        id,
        keys,
        admin_token,
        profile: sources.parsed(&settings::PROFILE, checks::profile)?,
    })
}
