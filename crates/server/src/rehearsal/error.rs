use std::{io, path::PathBuf, process::ExitCode};

use vestibule_model::{KeyKind, ObjectId};

use crate::signals::Signal;

/// Why an event was not tried.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RehearsalError {
    #[error("the file {} cannot be read: {source}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("the file {} is no JSON: {source}", file.display())]
    NoJson {
        file: PathBuf,
        source: serde_json::Error,
    },
    /// In the engine's own words.
    #[error("{0}")]
    Event(String),
    #[error("there is no session for {user}: {why}")]
    User { user: ObjectId, why: String },
    #[error("this app has no {} key", .0.as_str())]
    NoKey(KeyKind),
    #[error(
        "the temporary folder for the copy of the data cannot be used: {0}; \
         the variable TMPDIR says where it is made"
    )]
    Folder(io::Error),
    #[error(
        "an event is tried on a copy of the data, and of a PostgreSQL database only PostgreSQL makes \
         one: `createdb -T DATABASE COPY` while nobody is connected to it, else `createdb COPY` and \
         `pg_dump DATABASE | psql COPY`; start a server on the copy, without mail and with a --data of \
         its own, and make the call there with the header X-Vestibule-Explain: 1"
    )]
    NoCopy,
    #[error("ended by {0}; the copy of the data was removed")]
    Ended(Signal),
}

impl RehearsalError {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unreadable { .. } | Self::NoJson { .. } | Self::Event(_) | Self::User { .. } => {
                ExitCode::from(2)
            }
            Self::NoKey(_) | Self::NoCopy => ExitCode::from(2),
            Self::Folder(_) => ExitCode::FAILURE,
            Self::Ended(signal) => ExitCode::from(signal.exit_code()),
        }
    }
}
