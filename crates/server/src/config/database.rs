use std::fs;

use vestibule_storage_postgres::PostgresOptions;

use super::{
    ConfigError, checks,
    file::is_open,
    origin::{Given, Origin},
    sources::Sources,
};
use crate::settings::{self, Setting};

/// The settings that mean something for PostgreSQL only.
const OF_POSTGRES: [&Setting; 6] = [
    &settings::DATABASE_PASSWORD,
    &settings::DATABASE_PASSWORD_FILE,
    &settings::DATABASE_CA_FILE,
    &settings::DATABASE_CONNECTIONS,
    &settings::DATABASE_STATEMENT_TIMEOUT,
    &settings::DATABASE_LOCK_TIMEOUT,
];

/// Where the app's data is.
#[derive(Clone, Debug)]
pub(crate) enum DatabaseConfig {
    /// In the data folder.
    Sqlite,
    /// In a database that several servers may share.
    Postgres(Box<PostgresOptions>),
}

/// What the operator says about the database.
///
/// # Errors
/// Says which setting will not do, contradicts another one, or is of no use.
pub(super) fn database(
    sources: &Sources<'_>,
    warnings: &mut Vec<String>,
) -> Result<DatabaseConfig, ConfigError> {
    let given = sources.text(&settings::DATABASE)?;
    let Some(given) = given.filter(|given| !given.value.eq_ignore_ascii_case("sqlite")) else {
        for setting in OF_POSTGRES {
            if let Some(given) = sources.text(setting)? {
                return Err(ConfigError::OnlyForPostgres {
                    origin: Box::new(given.origin),
                });
            }
        }
        return Ok(DatabaseConfig::Sqlite);
    };
    let url = given.parse(url)?;
    let in_url = has_password(&url).then_some(&given.origin);
    let ca_file = sources.text(&settings::DATABASE_CA_FILE)?;
    Ok(DatabaseConfig::Postgres(Box::new(PostgresOptions {
        password: password(sources, in_url, warnings)?,
        ca_file: ca_file.map(|file| file.path()),
        connections: sources.parsed(&settings::DATABASE_CONNECTIONS, checks::connections)?,
        statement_timeout: sources
            .parsed(&settings::DATABASE_STATEMENT_TIMEOUT, checks::seconds)?,
        lock_timeout: sources.parsed(&settings::DATABASE_LOCK_TIMEOUT, checks::seconds)?,
        ..PostgresOptions::at(url)
    })))
}

/// The password, which is to stand in one place. `in_url` is where a URL with one was given.
fn password(
    sources: &Sources<'_>,
    in_url: Option<&Origin>,
    warnings: &mut Vec<String>,
) -> Result<Option<String>, ConfigError> {
    let itself = sources.text(&settings::DATABASE_PASSWORD)?;
    let in_file = sources.text(&settings::DATABASE_PASSWORD_FILE)?;
    let origins = [
        in_url,
        itself.as_ref().map(|given| &given.origin),
        in_file.as_ref().map(|given| &given.origin),
    ];
    if let [one, other, ..] = origins.into_iter().flatten().collect::<Vec<_>>()[..] {
        return Err(ConfigError::Contradiction {
            one: Box::new(one.clone()),
            other: Box::new(other.clone()),
            advice: "each of them says the password of the database; leave one of them out",
        });
    }
    let on_command_line = [in_url, itself.as_ref().map(|given| &given.origin)];
    for origin in on_command_line.into_iter().flatten() {
        if matches!(origin, Origin::Flag(_)) {
            warnings.push(format!(
                "every user of this machine can see the password in {origin}; put it into a file \
                 and name that with --{}",
                settings::DATABASE_PASSWORD_FILE.flag
            ));
        }
    }
    let Some(file) = in_file else {
        return Ok(itself.map(|given| given.value));
    };
    read(&file, warnings).map(Some)
}

/// The password in a file; the end of its line does not belong to it.
fn read(given: &Given<String>, warnings: &mut Vec<String>) -> Result<String, ConfigError> {
    let file = given.path();
    let text = fs::read_to_string(&file).map_err(|source| ConfigError::UnreadableFile {
        origin: Box::new(given.origin.clone()),
        file: file.clone(),
        source,
    })?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() || password.contains('\n') {
        let expected = "a file with one line, the password of the database";
        return Err(ConfigError::invalid(&given.origin, expected));
    }
    if is_open(&file) {
        let file = file.display();
        warnings.push(format!(
            "{file} holds the password of the database and others may read it; chmod 600 it"
        ));
    }
    Ok(password.to_owned())
}

/// The URL of a PostgreSQL. What is wrong with one is never quoted: it may hold a password.
fn url(text: &str) -> Result<String, String> {
    let Some(rest) = after_scheme(text) else {
        return Err(
            "sqlite, or left out, for SQLite in the data folder (--data), or a URL for \
             PostgreSQL, as in postgres://USER@HOST:PORT/DATABASE"
                .to_owned(),
        );
    };
    // Else a part of the password would be taken for the name of the host, which is told to everybody.
    let user = rest.split_once('@');
    if user.is_some_and(|(user, rest)| rest.contains('@') || user.contains('?')) {
        return Err(
            "a URL with one @ in it, behind the user: write another one, as in a password, as %40"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

/// Whether the URL says the password as well.
pub(super) fn has_password(url: &str) -> bool {
    let Some(rest) = after_scheme(url) else {
        return false;
    };
    let of_user = rest
        .split_once('@')
        .is_some_and(|(user, _)| user.contains(':'));
    of_user || rest.contains("?password=") || rest.contains("&password=")
}

fn after_scheme(url: &str) -> Option<&str> {
    let schemes = ["postgres://", "postgresql://"];
    schemes
        .into_iter()
        .find_map(|scheme| url.strip_prefix(scheme))
}
