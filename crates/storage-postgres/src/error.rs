use std::path::PathBuf;

use tokio_postgres::{Error, error::SqlState};
use vestibule_sql::{SqlCatalogue, Then, broken_constraint, broken_index};
use vestibule_storage::StorageError;

use crate::advice::{self, told};

/// Why a database could not be opened, and what to do about it. No text of it has a password in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is none.
    #[error(
        "the database's URL is not understood: {}; write postgres://USER@HOST:PORT/DATABASE, with \
         characters like @ and / in a password as %40 and %2F; sslmode is disable, prefer or require",
        told(.0)
    )]
    Url(#[source] Error),
    /// The file with certificates cannot be used.
    #[error("the certificates in {} cannot be used: {reason}; it takes a file in PEM", file.display())]
    CaFile {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Connections cannot be prepared.
    #[error("connections to the database cannot be prepared: {0}")]
    Tls(String),
    /// The database does not answer, or does not let us in.
    #[error(
        "the database {place} cannot be reached: {}; {}",
        told(source.as_ref()),
        advice::of_connecting(source.as_ref())
    )]
    Unreachable {
        /// Where it is.
        place: String,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A newer build has been here.
    #[error(
        "the database {place} has version {found}, and this build knows versions up to {known}; \
         install a newer vestibule, or restore a backup from before the upgrade"
    )]
    FromTheFuture {
        /// Where it is.
        place: String,
        /// The version it has.
        found: i64,
        /// The latest version that this build knows.
        known: i64,
    },
    /// An older build made it, and nobody has brought it to the version of this build yet.
    #[error(
        "the database {place} has version {found}, and this build has {known}; start a server of this \
         build, which brings it up to date"
    )]
    Outdated {
        /// Where it is.
        place: String,
        /// The version it has.
        found: i64,
        /// The version of this build.
        known: i64,
    },
    /// Bringing the database to the version of this build failed; it has its old version still.
    #[error(
        "the database {place} could not be brought to the version of this build: {}; {}",
        told(source.as_ref()),
        advice::of_migrating(source.as_ref())
    )]
    Migration {
        /// Where it is.
        place: String,
        /// What failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The tables are there and cannot be read.
    #[error("the database {place} cannot be read: {source}")]
    Unreadable {
        /// Where it is.
        place: String,
        /// What failed.
        source: StorageError,
    },
}

/// The database was closed before or while it was asked.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the database is closed")]
pub(crate) struct Closed;

/// The database did not answer in its time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the database did not answer in time")]
pub(crate) struct NoAnswer;

/// Others changed the same rows, again and again.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("other changes came in between each time")]
pub(crate) struct Contended;

/// What went wrong with a step.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing was changed, and it is worth trying again: another transaction was in the way.
    Again(StorageError),
    /// What the statements were compiled for is not there any more.
    OfThePast,
    /// What whoever asked for it is told.
    Final(StorageError),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::SchemaChanged => Self::OfThePast,
            other => Self::Final(other),
        }
    }
}

/// What a step's failure means.
pub(crate) fn of_step(error: Error, catalogue: &SqlCatalogue, then: &Then) -> Failure {
    let Some(database) = error.as_db_error() else {
        return Failure::Final(unavailable(error));
    };
    let constraint = database.constraint().unwrap_or_default().to_owned();
    let table = database.table().unwrap_or_default().to_owned();
    let code = database.code().clone();
    match (&code, then) {
        (&SqlState::FOREIGN_KEY_VIOLATION, Then::RefersTo(precondition))
        | (
            &SqlState::FOREIGN_KEY_VIOLATION,
            Then::CountsLinked {
                parent: precondition,
                ..
            },
        ) => Failure::Final(StorageError::Refused {
            precondition: precondition.clone(),
        }),
        // Somebody else was faster between the step that looked and this one.
        (&SqlState::FOREIGN_KEY_VIOLATION, _) => Failure::Again(unavailable(error)),
        (&SqlState::UNIQUE_VIOLATION, then) => {
            let column = broken_index(catalogue, &table, &constraint);
            let broken = StorageError::Conflict {
                constraint: broken_constraint(catalogue, &table, &column, then),
            };
            match then {
                Then::GoOn | Then::ChangesSchema => Failure::Again(broken),
                _ => Failure::Final(broken),
            }
        }
        (
            &SqlState::DUPLICATE_TABLE | &SqlState::DUPLICATE_COLUMN | &SqlState::DUPLICATE_OBJECT,
            _,
        ) => Failure::OfThePast,
        (&SqlState::QUERY_CANCELED, _) => Failure::Final(unavailable(error)),
        _ => of_any(error, &code),
    }
}

/// Whether another transaction was in the way.
pub(crate) fn is_contended(error: &StorageError) -> bool {
    match error {
        StorageError::Unavailable { source } => source.is::<Contended>(),
        _ => false,
    }
}

/// What a read's failure means.
pub(crate) fn of_read(error: Error) -> StorageError {
    let Some(code) = error.code().cloned() else {
        return unavailable(error);
    };
    if code == SqlState::QUERY_CANCELED || code == SqlState::STATEMENT_TOO_COMPLEX {
        return StorageError::TooExpensive;
    }
    match of_any(error, &code) {
        Failure::Again(error) | Failure::Final(error) => error,
        Failure::OfThePast => StorageError::SchemaChanged,
    }
}

fn of_any(error: Error, code: &SqlState) -> Failure {
    match *code {
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
            Failure::Again(StorageError::unavailable(Contended))
        }
        SqlState::UNDEFINED_TABLE
        | SqlState::UNDEFINED_COLUMN
        // `cached plan must not change result type`
        | SqlState::FEATURE_NOT_SUPPORTED
        | SqlState::INVALID_SQL_STATEMENT_NAME
        // A column of the name is of another type by now.
        | SqlState::DATATYPE_MISMATCH
        | SqlState::UNDEFINED_FUNCTION => {
            tracing::debug!(code = code.code(), "a statement is about tables of the past");
            Failure::OfThePast
        }
        SqlState::LOCK_NOT_AVAILABLE | SqlState::TOO_MANY_CONNECTIONS => Failure::Final(StorageError::Busy),
        SqlState::NUMERIC_VALUE_OUT_OF_RANGE
        | SqlState::DATETIME_FIELD_OVERFLOW
        | SqlState::INTERVAL_FIELD_OVERFLOW
        | SqlState::PROGRAM_LIMIT_EXCEEDED
        | SqlState::INVALID_TEXT_REPRESENTATION
        // A text with the character 0 in it.
        | SqlState::CHARACTER_NOT_IN_REPERTOIRE
        | SqlState::UNTRANSLATABLE_CHARACTER => Failure::Final(StorageError::OutOfRange),
        SqlState::TOO_MANY_COLUMNS | SqlState::STATEMENT_TOO_COMPLEX => {
            Failure::Final(StorageError::TooExpensive)
        }
        _ => Failure::Final(unavailable(error)),
    }
}

/// What the database said, without the values of rows that it likes to add.
#[derive(Debug, thiserror::Error)]
#[error("{message} (code {code})")]
struct Said {
    message: String,
    code: String,
}

/// That the database failed us, in a text for the log.
pub(crate) fn unavailable(error: Error) -> StorageError {
    match error.as_db_error() {
        Some(database) => StorageError::unavailable(Said {
            message: database.message().to_owned(),
            code: database.code().code().to_owned(),
        }),
        None => StorageError::unavailable(error),
    }
}

impl OpenError {
    /// The database at this place did not let us in.
    pub(crate) fn unreachable(
        place: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Unreachable {
            place: place.to_owned(),
            source: source.into(),
        }
    }
}
