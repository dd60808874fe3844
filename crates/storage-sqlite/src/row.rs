use std::cell::Cell;

use rusqlite::types::ValueRef;
use serde_json::Value as Json;
use vestibule_sql::{Row, Unreadable};

/// A row of SQLite, for the decoders of `vestibule-sql`.
pub(crate) struct SqliteRow<'r> {
    row: &'r rusqlite::Row<'r>,
    bytes_read: Cell<usize>,
}

/// How many times larger a JSON document is in memory than its text, roughly: `[0,0]` is two values.
const MEMORY_OF_JSON: usize = 8;

impl<'r> SqliteRow<'r> {
    pub(crate) fn new(row: &'r rusqlite::Row<'r>) -> Self {
        Self {
            row,
            bytes_read: Cell::new(0),
        }
    }

    /// About how much memory the texts and documents take that were read of it.
    pub(crate) fn bytes_read(&self) -> usize {
        self.bytes_read.get()
    }

    fn cell(&self, column: usize) -> Result<ValueRef<'_>, Unreadable> {
        self.row.get_ref(column).map_err(|_| Unreadable)
    }

    fn has_read(&self, bytes: usize) {
        self.bytes_read
            .update(|before| before.saturating_add(bytes));
    }
}

impl Row for SqliteRow<'_> {
    fn integer(&self, column: usize) -> Result<Option<i64>, Unreadable> {
        match self.cell(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(integer) => Ok(Some(integer)),
            _ => Err(Unreadable),
        }
    }

    fn double(&self, column: usize) -> Result<Option<f64>, Unreadable> {
        match self.cell(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Real(double) => Ok(Some(double)),
            // In a column that held whole numbers before, and in what is calculated of such.
            #[expect(
                clippy::cast_precision_loss,
                reason = "a double is what the column holds now"
            )]
            ValueRef::Integer(integer) => Ok(Some(integer as f64)),
            _ => Err(Unreadable),
        }
    }

    fn boolean(&self, column: usize) -> Result<Option<bool>, Unreadable> {
        match self.cell(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(0) => Ok(Some(false)),
            ValueRef::Integer(1) => Ok(Some(true)),
            _ => Err(Unreadable),
        }
    }

    fn text(&self, column: usize) -> Result<Option<&str>, Unreadable> {
        match self.cell(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => {
                self.has_read(bytes.len());
                str::from_utf8(bytes).map(Some).map_err(|_| Unreadable)
            }
            _ => Err(Unreadable),
        }
    }

    fn bytes(&self, column: usize) -> Result<Option<&[u8]>, Unreadable> {
        match self.cell(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => Ok(Some(bytes)),
            _ => Err(Unreadable),
        }
    }

    fn json(&self, column: usize) -> Result<Option<Json>, Unreadable> {
        match self.cell(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => {
                self.has_read(bytes.len().saturating_mul(MEMORY_OF_JSON));
                serde_json::from_slice(bytes)
                    .map(Some)
                    .map_err(|_| Unreadable)
            }
            _ => Err(Unreadable),
        }
    }
}
