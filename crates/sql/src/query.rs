use std::fmt;

use serde_json::Value as Json;
use vestibule_storage::StorageError;

use crate::Statement;

/// A row as a driver hands it over. An engine implements it once, for the rows of its driver.
///
/// `Ok(None)` is null. Columns are counted from zero.
pub trait Row {
    /// A whole number.
    ///
    /// # Errors
    /// The column holds something else.
    fn integer(&self, column: usize) -> Result<Option<i64>, Unreadable>;

    /// A number with a fraction.
    ///
    /// # Errors
    /// The column holds something else.
    fn double(&self, column: usize) -> Result<Option<f64>, Unreadable>;

    /// Yes or no.
    ///
    /// # Errors
    /// The column holds something else.
    fn boolean(&self, column: usize) -> Result<Option<bool>, Unreadable>;

    /// A text.
    ///
    /// # Errors
    /// The column holds something else.
    fn text(&self, column: usize) -> Result<Option<&str>, Unreadable>;

    /// Bytes.
    ///
    /// # Errors
    /// The column holds something else.
    fn bytes(&self, column: usize) -> Result<Option<&[u8]>, Unreadable>;

    /// A JSON document.
    ///
    /// # Errors
    /// The column holds something else.
    fn json(&self, column: usize) -> Result<Option<Json>, Unreadable>;
}

/// A cell holds something else than the column's type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Makes a `T` of a row.
pub type Decoder<T> = Box<dyn Fn(&dyn Row) -> Result<T, StorageError> + Send + Sync>;

/// A read: the statement to run, and how to make a `T` of each row it answers.
pub struct Query<T> {
    /// What to run.
    pub statement: Statement,
    /// What to make of each row; [`StorageError::Corrupt`] if it holds what cannot be there.
    pub decoder: Decoder<T>,
}

impl<T> Query<T> {
    pub(crate) fn new(
        statement: impl Into<Statement>,
        decoder: impl Fn(&dyn Row) -> Result<T, StorageError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            statement: statement.into(),
            decoder: Box::new(decoder),
        }
    }
}

impl<T> fmt::Debug for Query<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("statement", &self.statement)
            .finish_non_exhaustive()
    }
}
