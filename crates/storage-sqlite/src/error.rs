use std::{io, path::PathBuf};

use rusqlite::{Error, ErrorCode, ffi};
use vestibule_sql::{SqlCatalogue, Then, broken_constraint};
use vestibule_storage::StorageError;

use crate::{like::PATTERN_TOO_LONG, queue::NotTaken};

/// Why a database could not be opened, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The data folder cannot be made or written to.
    #[error(
        "the data folder {} cannot be used: {source}; \
         check that it is a folder in which this user may write", folder.display()
    )]
    Folder {
        /// The data folder.
        folder: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process has the data folder, or this one has it already.
    #[error(
        "another vestibule is running in the data folder {}; \
         stop it, or give this one a folder of its own with --data", folder.display()
    )]
    InUse {
        /// The data folder.
        folder: PathBuf,
    },
    /// A newer build has been here.
    #[error(
        "the database {} has version {found}, and this build knows versions up to {known}; \
         install a newer vestibule, or restore a backup from before the upgrade", file.display()
    )]
    FromTheFuture {
        /// The database.
        file: PathBuf,
        /// The version it has.
        found: i64,
        /// The latest version that this build knows.
        known: i64,
    },
    /// An older build made it, and nobody has brought it to the version of this build yet.
    #[error(
        "the database {} has version {found}, and this build has {known}; \
         start the server once, which brings it up to date", file.display()
    )]
    Outdated {
        /// The database.
        file: PathBuf,
        /// The version it has.
        found: i64,
        /// The version of this build.
        known: i64,
    },
    /// Bringing the database to the version of this build failed; it has its old version still.
    #[error(
        "the database {} could not be brought to the version of this build: {}; \
         nothing was lost, the build that ran before still works with it",
        file.display(),
        without_statement(source.as_ref())
    )]
    Migration {
        /// The database.
        file: PathBuf,
        /// What failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file is no database, is damaged, or cannot be read or written.
    #[error(
        "the database {} cannot be opened: {source}; \
         check that it is a database of vestibule and that this user may write it", file.display()
    )]
    Database {
        /// The database.
        file: PathBuf,
        /// What failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The operating system gave us no thread.
    #[error("no thread could be started for the database: {source}; check the limits of this user")]
    Thread {
        /// What the operating system said.
        source: io::Error,
    },
}

/// The database was closed before or while it was asked.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the database is closed")]
struct Closed;

/// The thread that should have answered did not; its panic is in the log.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the database gave up on this request; see the log for a panic")]
pub(crate) struct GaveUp;

impl From<NotTaken> for StorageError {
    fn from(not_taken: NotTaken) -> Self {
        match not_taken {
            NotTaken::Full => Self::Busy,
            NotTaken::Closed => Self::unavailable(Closed),
        }
    }
}

/// What a step's failure means to whoever asked for the step.
pub(crate) fn of_step(error: Error, catalogue: &SqlCatalogue, then: &Then) -> StorageError {
    if misses_something(&error) {
        return StorageError::SchemaChanged;
    }
    if is_out_of_range(&error) {
        return StorageError::OutOfRange;
    }
    if is_broken_off(&error) {
        return StorageError::TooExpensive;
    }
    let Error::SqliteFailure(failure, message) = &error else {
        return StorageError::unavailable(error);
    };
    if failure.code != ErrorCode::ConstraintViolation {
        return StorageError::unavailable(error);
    }
    match (failure.extended_code, then) {
        (
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY,
            Then::RefersTo(precondition)
            | Then::CountsLinked {
                parent: precondition,
                ..
            },
        ) => StorageError::Refused {
            precondition: precondition.clone(),
        },
        (
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID,
            then,
        ) => match message.as_deref().and_then(table_and_column) {
            Some((table, column)) => StorageError::Conflict {
                constraint: broken_constraint(catalogue, table, column, then),
            },
            None => StorageError::unavailable(error),
        },
        _ => StorageError::unavailable(error),
    }
}

/// What a read's failure means.
pub(crate) fn of_read(error: Error) -> StorageError {
    if misses_something(&error) {
        StorageError::SchemaChanged
    } else if is_broken_off(&error) {
        StorageError::TooExpensive
    } else if is_out_of_range(&error) {
        StorageError::OutOfRange
    } else {
        StorageError::unavailable(error)
    }
}

/// Whether SQLite refused to compute with a value, which it mostly says in its message only.
fn is_out_of_range(error: &Error) -> bool {
    let Error::SqliteFailure(failure, message) = error else {
        return false;
    };
    failure.code == ErrorCode::TooBig
        || message
            .as_deref()
            .is_some_and(|message| message == "integer overflow" || message == PATTERN_TOO_LONG)
}

/// Whether SQLite broke off a statement, or did not begin with one of so many values or so deep. A
/// clause is bounded, and so is what may be seen; what is made of both may be more all the same.
fn is_broken_off(error: &Error) -> bool {
    let message = match error {
        Error::SqlInputError { msg, .. } => msg.as_str(),
        Error::SqliteFailure(failure, Some(message)) if failure.code == ErrorCode::Unknown => {
            message
        }
        _ => return error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted),
    };
    message.starts_with("too many SQL variables")
        || message.starts_with("Expression tree is too large")
}

/// Whether a statement names a table or a column that is not there. It named only what the catalogue
/// knew, so that was removed meanwhile.
fn misses_something(error: &Error) -> bool {
    let message = match error {
        Error::SqlInputError { msg, .. } => msg,
        // The second is what a statement says that was compiled before, and is again at its turn.
        Error::SqliteFailure(failure, Some(message))
            if matches!(failure.code, ErrorCode::Unknown | ErrorCode::SchemaChanged) =>
        {
            message
        }
        _ => return false,
    };
    message.starts_with("no such table")
        || message.starts_with("no such column")
        || message.contains(" has no column named ")
}

/// SQLite names what was broken in its message only: `UNIQUE constraint failed: Users.email`.
fn table_and_column(message: &str) -> Option<(&str, &str)> {
    let (_, broken) = message.rsplit_once(": ")?;
    broken.split_once('.')
}

/// What went wrong, without the statements of a whole migration that SQLite repeats: they bury it.
fn without_statement(source: &(dyn std::error::Error + Send + Sync)) -> String {
    let text = source.to_string();
    let end = text.find(" in --").or_else(|| text.find('\n'));
    end.map_or_else(|| text.clone(), |end| text[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_broken_constraint_is_read_from_the_message_of_sqlite() {
        assert_eq!(
            Some(("Users", "email")),
            table_and_column("UNIQUE constraint failed: Users.email")
        );
        assert_eq!(None, table_and_column("something else"));
    }

    #[test]
    fn a_migration_that_fails_is_told_without_its_statements() {
        let text = "table \"Users\" already exists in -- Users:\nCREATE TABLE \"Users\" (";
        let source = std::io::Error::other(text);
        assert_eq!("table \"Users\" already exists", without_statement(&source));
    }
}
