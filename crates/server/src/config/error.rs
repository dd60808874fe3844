use std::{io, path::PathBuf};

use vestibule_core::RegistryError;

use super::origin::{Origin, Place};
use crate::settings::Setting;

/// What is wrong with the configuration. Values are never repeated: they may be secrets.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A value that will not do.
    #[error("{origin} must be {expected}")]
    Invalid {
        origin: Box<Origin>,
        expected: String,
    },
    /// Two values that must differ are the same.
    #[error("{one} and {other} are the same; whoever knows one would have both, so choose another")]
    Same {
        one: Box<Origin>,
        other: Box<Origin>,
    },
    /// Two settings that cannot both count.
    #[error("{one} and {other} do not go together: {advice}")]
    Contradiction {
        one: Box<Origin>,
        other: Box<Origin>,
        advice: &'static str,
    },
    /// A setting that is of no use without another one.
    #[error("{origin} is of no use without --{} ({}); give both", lacking.flag, lacking.variable())]
    Lacking {
        origin: Box<Origin>,
        lacking: &'static Setting,
    },
    /// A setting of PostgreSQL, and no PostgreSQL.
    #[error(
        "{origin} is for PostgreSQL, and the data is kept in SQLite; leave it out, or name a \
         database with --database postgres://USER@HOST:PORT/DATABASE"
    )]
    OnlyForPostgres { origin: Box<Origin> },
    /// A file that a setting names and that cannot be read.
    #[error("{origin} names the file {}, which cannot be read: {source}", file.display())]
    UnreadableFile {
        origin: Box<Origin>,
        file: PathBuf,
        source: io::Error,
    },
    /// A key in the file that means nothing.
    #[error("there is no setting {place}{}", hint(.similar.as_deref()))]
    Unknown {
        place: Place,
        similar: Option<String>,
    },
    /// The file is not TOML.
    #[error("{} is not TOML, line {line}: {message}", file.display())]
    Syntax {
        file: PathBuf,
        line: usize,
        message: String,
    },
    /// The file cannot be read.
    #[error(
        "the configuration file {} cannot be read: {source}; mend the path in --config, or let \
         this user read the file", file.display()
    )]
    Unreadable { file: PathBuf, source: io::Error },
    /// The handlers do not fit together, or not with what the file says of them.
    #[error(transparent)]
    Handlers(#[from] RegistryError),
}

impl ConfigError {
    pub(crate) fn invalid(origin: &Origin, expected: impl Into<String>) -> Self {
        Self::Invalid {
            origin: Box::new(origin.clone()),
            expected: expected.into(),
        }
    }
}

fn hint(similar: Option<&str>) -> String {
    similar.map_or_else(
        || "; --help lists what there is".to_owned(),
        |similar| format!("; did you mean {similar}?"),
    )
}
