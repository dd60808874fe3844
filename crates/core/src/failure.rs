//! What becomes of a call when a handler panics or does not finish in its time.

use std::time::Duration;

use vestibule_model::ErrorCode;

use crate::{
    Error,
    guard::Failure,
    handler_stats::FailureKind,
    observer::Ending,
    registration::{Meta, Phase},
};

impl Failure {
    pub(crate) fn kind(&self) -> FailureKind {
        match self {
            Self::TimedOut => FailureKind::TimedOut,
            Self::Panicked(_) => FailureKind::Panicked,
        }
    }

    /// What the caller gets: the code for a terminated handler or method, never a panic's text.
    pub(crate) fn error(&self, meta: &Meta) -> Error {
        let message = match self {
            Self::TimedOut => format!(
                "Custom business logic execution has been terminated because it did not complete \
                 in permitted time - {}",
                in_words(meta.timeout)
            ),
            Self::Panicked(_) => {
                "Custom business logic execution has been terminated because it failed".to_owned()
            }
        };
        let code = match (meta.phase, self) {
            (Phase::Service, Self::TimedOut) => ErrorCode::InvocationTimedOut,
            (Phase::Service, Self::Panicked(_)) => ErrorCode::InvocationFailed,
            _ => ErrorCode::HandlerTerminated,
        };
        Error::new(code, message).logging(self.log(meta))
    }

    /// Tells the operator, and whoever sees how the call ended.
    pub(crate) fn ending(&self, meta: &Meta) -> Ending {
        let error = self.log(meta);
        tracing::error!(handler.name = meta.path, error, "a handler was terminated");
        match self {
            Self::Panicked(_) => Ending::Panicked {
                handler: Some(meta.path),
            },
            Self::TimedOut => Ending::TimedOut { handler: meta.path },
        }
    }

    pub(crate) fn log(&self, meta: &Meta) -> String {
        match self {
            Self::Panicked(text) => format!("{} panicked: {text}", meta.path),
            Self::TimedOut => format!("{} did not finish in {:?}", meta.path, meta.timeout),
        }
    }
}

/// Tells the operator of a failure that the caller does not hear of.
pub(crate) fn log_open(meta: &Meta, why: &str) {
    tracing::warn!(
        handler.name = meta.path,
        error = why,
        "a handler failed; the call goes on"
    );
}

fn in_words(timeout: Duration) -> String {
    match timeout.as_millis() % 1000 {
        0 => format!("{} seconds", timeout.as_secs()),
        _ => format!("{} milliseconds", timeout.as_millis()),
    }
}
