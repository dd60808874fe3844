use std::{fs, str::FromStr, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{OpenError, PostgresOptions};

/// How to reach the database: whoever connects has a copy.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) config: Config,
    pub(crate) tls: MakeRustlsConnect,
}

impl Way {
    /// Understands the options; nothing is connected yet.
    pub(crate) fn of(options: &PostgresOptions) -> Result<Self, OpenError> {
        let mut config = Config::from_str(&options.url).map_err(OpenError::Url)?;
        if let Some(password) = &options.password {
            config.password(password);
        }
        if !options.url.contains("sslmode=") {
            config.ssl_mode(if is_local(&config) {
                SslMode::Disable
            } else {
                SslMode::Require
            });
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(options.connect_timeout);
        }
        // Of a network that swallows everything, the kernel hears before the caller has to give up.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(options.answer_timeout());
        }
        if config.get_application_name().is_none() {
            config.application_name("vestibule");
        }
        Ok(Self {
            config,
            tls: tls(options)?,
        })
    }

    /// Where the database is, without user and password.
    pub(crate) fn place(&self) -> String {
        place(&self.config)
    }
}

impl PostgresOptions {
    /// Where the database is, as it is told to people: without user and password.
    ///
    /// ```
    /// use vestibule_storage_postgres::PostgresOptions;
    ///
    /// let options = PostgresOptions::at("postgres://shop:secret@db.example.com/shop");
    /// assert_eq!("shop on db.example.com", options.place()?);
    /// # Ok::<_, vestibule_storage_postgres::OpenError>(())
    /// ```
    ///
    /// # Errors
    /// [`OpenError::Url`].
    pub fn place(&self) -> Result<String, OpenError> {
        let config = Config::from_str(&self.url).map_err(OpenError::Url)?;
        Ok(place(&config))
    }
}

fn place(config: &Config) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    });
    let hosts: Vec<_> = hosts.collect();
    let database = config.get_dbname().unwrap_or("(its default)");
    format!("{database} on {}", hosts.join(", "))
}

/// Whether all that is said never leaves this machine.
fn is_local(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

fn tls(options: &PostgresOptions) -> Result<MakeRustlsConnect, OpenError> {
    let mut roots = RootCertStore::empty();
    match &options.ca_file {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(file) => {
            let unusable = |reason: String| OpenError::CaFile {
                file: file.clone(),
                reason,
            };
            let text = fs::read(file).map_err(|error| unusable(error.to_string()))?;
            for certificate in CertificateDer::pem_slice_iter(&text) {
                let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                let added = roots.add(certificate);
                added.map_err(|error| unusable(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(unusable("there is no certificate in it".to_owned()));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
