//! What reads and writes records was checked against a catalogue; when somebody changes the schema
//! meanwhile, it is checked again and tried again.

use vestibule_storage::StorageError;

use crate::{
    Error, Result,
    schema::{ATTEMPTS, changed_too_often, is_outdated},
};

/// Why an attempt came to nothing.
pub(super) enum Failed {
    /// The schema changed meanwhile; another attempt may work out.
    Outdated,
    /// For good.
    Finally(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Finally(error)
    }
}

impl From<StorageError> for Failed {
    fn from(error: StorageError) -> Self {
        if is_outdated(&error) {
            Self::Outdated
        } else {
            Self::Finally(error.into())
        }
    }
}

/// Makes an attempt, and another one as long as the schema changed under it.
pub(super) async fn attempts<T, F>(mut attempt: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T, Failed>>,
{
    for _ in 0..ATTEMPTS {
        match attempt().await {
            Ok(answer) => return Ok(answer),
            Err(Failed::Outdated) => {}
            Err(Failed::Finally(error)) => return Err(error),
        }
    }
    Err(changed_too_often())
}
