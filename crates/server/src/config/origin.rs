use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::{config::ConfigError, settings::Setting};

/// Where a value was given, so that a complaint can point there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag of the program.
    Flag(&'static Setting),
    /// A variable of the environment.
    Variable(&'static Setting),
    /// A key in the configuration file.
    File(Place),
}

/// A key in the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) key: String,
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
}

/// A value and where it was given.
#[derive(Clone, Debug)]
pub(crate) struct Given<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

impl Given<String> {
    /// Makes the text what it is meant to be; the check says what would have done.
    pub(crate) fn parse<T>(
        &self,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        check(&self.value).map_err(|expected| ConfigError::invalid(&self.origin, expected))
    }

    /// A path in the file is meant from the file's folder, wherever the server is started.
    pub(crate) fn path(&self) -> PathBuf {
        let from = match &self.origin {
            Origin::File(place) => place.file.parent(),
            Origin::Flag(_) | Origin::Variable(_) => None,
        };
        from.unwrap_or(Path::new("")).join(&self.value)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(setting) => write!(f, "--{}", setting.flag),
            Self::Variable(setting) => f.write_str(&setting.variable()),
            Self::File(place) => place.fmt(f),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line) = (self.file.display(), self.line);
        write!(f, "{} ({file}, line {line})", self.key)
    }
}
