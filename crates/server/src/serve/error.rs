use std::{io, net::SocketAddr, path::PathBuf, process::ExitCode};

use vestibule_core::MailError;
use vestibule_storage_postgres::OpenError as PostgresError;
use vestibule_storage_sqlite::OpenError as SqliteError;

use crate::signals::Signal;

/// Why the server did not start, or did not end as it should; each says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("the threads of the server could not be started: {0}; check the limits of this user")]
    Threads(io::Error),
    #[error("signals cannot be caught: {0}; check the limits of this user")]
    Signals(io::Error),
    #[error("cannot listen on {address}: {source}; {}", advice(source))]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The engine's own words for the operator.
    #[error("the app cannot be started: {0}")]
    Start(String),
    #[error(
        "the admin token was made, but could not be written to {}: {source}; \
         make room or give this user the right to write there, then start with an --admin-token \
         of your choice", file.display()
    )]
    AdminToken { file: PathBuf, source: io::Error },
    #[error("mail cannot be set up: {0}; mend --mail-smtp")]
    Mail(#[from] MailError),
    #[error("a second signal ({0}) came before everything was finished; ended at once")]
    EndedAtOnce(Signal),
}

impl ServeError {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::EndedAtOnce(signal) => ExitCode::from(signal.exit_code()),
            // A mistake in the configuration, as any other.
            Self::Postgres(PostgresError::Url(_) | PostgresError::CaFile { .. }) => {
                ExitCode::from(2)
            }
            _ => ExitCode::FAILURE,
        }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "stop the program that listens there (perhaps another vestibule), or choose another \
             port with --listen"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need more rights than this user has; choose another with --listen"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; choose another with --listen"
        }
        _ => "choose another address with --listen",
    }
}
