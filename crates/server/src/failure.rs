use std::{io, process::ExitCode};

use crate::{config::ConfigError, new::NewError, rehearsal::RehearsalError, serve::ServeError};

/// Why the program did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The configuration is wrong: nothing was started, nothing was changed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server did not start, or did not end as it should.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// What was asked about guests could not be done; in the engine's own words.
    #[error("{0}")]
    Guests(String),
    /// An event was not tried.
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
    /// What `vestibule new` was to write could not be written.
    #[error(transparent)]
    New(#[from] NewError),
    /// What was asked for could not be printed.
    #[error("standard output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// 2 for mistakes in the configuration, as for those in the arguments; 1 for everything else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) => ExitCode::from(2),
            Self::Serve(error) => error.exit_code(),
            Self::New(error) => error.exit_code(),
            Self::Rehearsal(error) => error.exit_code(),
            Self::Guests(_) | Self::Output(_) => ExitCode::FAILURE,
        }
    }
}
