use std::{any::Any, fmt, sync::Arc, time::Duration};

use vestibule_model::ErrorCode;
use vestibule_storage::StorageError;

/// What a handler or an operation answers when it works out.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What every client hears when only the operator can know more.
const OPAQUE: &str = "the server could not do this; its log says why";

/// Why a call failed, in two voices: one for the client, one for the log.
///
/// ```
/// use std::time::Duration;
/// use vestibule_core::Error;
///
/// let error = Error::refused(999)
///     .status(429)
///     .retry_after(Duration::from_secs(3))
///     .saying("too many guests from here");
/// assert_eq!(999, error.code().number());
/// assert_eq!("too many guests from here", error.message());
/// ```
///
/// `?` on any other error makes an [`internal`](Error::internal) one: its text goes to the log,
/// and the client is told nothing of it. That is why this type is not a [`std::error::Error`].
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: ErrorCode,
    status: Option<u16>,
    retry_after: Option<Duration>,
    message: String,
    log: Option<String>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with one of our codes and the client's text.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Inner {
            code,
            status: None,
            retry_after: None,
            message,
            log: None,
            source: None,
        }))
    }

    /// The call is refused with a number of the handler's own choice.
    pub fn refused(code: i32) -> Self {
        Self::new(ErrorCode::from_number(code), "the call was refused")
    }

    /// The caller may not do this (2000).
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::OperationNotAllowed, message)
    }

    /// The record does not exist, or the caller may not know that it does (1000).
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::EntityNotFound, message)
    }

    /// What is to be made exists already (3033).
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::UserExists, message)
    }

    /// The request itself is wrong (8008).
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidParameter, message)
    }

    /// Nobody is logged in, or not the right one (3003).
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidLoginOrPassword, message)
    }

    /// Something broke. `log` is for the operator; the client is told that it was not its fault.
    pub fn internal(log: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, OPAQUE)
            .status(500)
            .logging(log)
    }

    /// The server cannot do this now, and trying again later may help (status 503).
    pub fn unavailable(log: impl Into<String>) -> Self {
        Self::new(
            ErrorCode::Internal,
            "the server is busy, try again in a moment",
        )
        .status(503)
        .retry_after(Duration::from_secs(1))
        .logging(log)
    }

    /// Sets the HTTP status, where the usual one of the code does not fit.
    pub fn status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Tells the client when to try again; becomes the header `retry-after`, in whole seconds.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Sets the client's text.
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Sets the operator's text.
    pub fn logging(mut self, log: impl Into<String>) -> Self {
        self.0.log = Some(log.into());
        self
    }

    /// Sets the cause, for the log.
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// The code that clients know.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The client's text.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The HTTP status, if somebody chose one.
    pub fn chosen_status(&self) -> Option<u16> {
        self.0.status
    }

    /// When to try again, if somebody knows.
    pub fn wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The operator's text: what happened and what caused it.
    pub fn log(&self) -> String {
        let mut log = self.0.log.clone().unwrap_or_else(|| self.0.message.clone());
        let mut source = self
            .0
            .source
            .as_deref()
            .map(|source| source as &dyn std::error::Error);
        while let Some(cause) = source {
            log.push_str(": ");
            log.push_str(&cause.to_string());
            source = cause.source();
        }
        log
    }

    /// Whether a handler that answers this has failed, rather than refused.
    pub(crate) fn is_failure(&self) -> bool {
        self.is_internal()
            || matches!(
                self.0.code,
                ErrorCode::HandlerTerminated
                    | ErrorCode::InvocationFailed
                    | ErrorCode::InvocationTimedOut
            )
    }

    /// Whether nobody meant this error: something broke, rather than being refused.
    pub fn is_internal(&self) -> bool {
        self.0.code == ErrorCode::Internal && self.0.status.is_some_and(|status| status >= 500)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("log", &self.log())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0.message, self.0.code.number())
    }
}

/// Two errors are equal when a client could not tell them apart.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        self.0.code == other.0.code
            && self.0.message == other.0.message
            && self.0.status == other.0.status
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(source: E) -> Self {
        let storage = (&source as &dyn Any).downcast_ref::<StorageError>();
        let error = match storage {
            Some(StorageError::Busy | StorageError::Unavailable { .. }) => {
                Self::unavailable("the storage refused work")
            }
            Some(StorageError::TooExpensive) => Self::new(
                ErrorCode::InvalidParameter,
                "the query is too much work; narrow its condition, index a column it compares, or \
                 ask for smaller pages and fewer columns",
            ),
            Some(StorageError::OutOfRange) => Self::invalid(
                "a number is beyond 64 bits, or a text or a pattern too long; compute with smaller ones",
            ),
            _ => Self::internal("an error that nobody handled"),
        };
        error.because(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<i32> {
        Ok(text.parse::<i32>()?)
    }

    #[test]
    fn a_foreign_error_becomes_internal_and_tells_the_client_nothing() {
        let error = parse("seven").unwrap_err();
        assert_eq!(OPAQUE, error.message());
        assert!(error.is_internal());
        assert!(error.log().contains("invalid digit"), "{}", error.log());
    }

    #[test]
    fn a_full_queue_becomes_503_with_a_wait() {
        let error = Error::from(StorageError::Busy);
        assert_eq!(
            (Some(503), true),
            (error.chosen_status(), error.wait().is_some())
        );
    }

    #[test]
    fn a_refusal_is_not_internal() {
        assert!(!Error::refused(0).is_internal());
        assert!(!Error::forbidden("no").is_internal());
    }
}
