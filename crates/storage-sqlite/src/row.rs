use rusqlite::types::ValueRef;
use serde_json::Value as Json;
use vestibule_sql::{Row, Unreadable};

/// A row of SQLite, for the decoders of `vestibule-sql`.
pub(crate) struct SqliteRow<'r>(pub(crate) &'r rusqlite::Row<'r>);

impl SqliteRow<'_> {
    fn cell(&self, column: usize) -> Result<ValueRef<'_>, Unreadable> {
        self.0.get_ref(column).map_err(|_| Unreadable)
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
            ValueRef::Text(bytes) => str::from_utf8(bytes).map(Some).map_err(|_| Unreadable),
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
            ValueRef::Text(bytes) => serde_json::from_slice(bytes)
                .map(Some)
                .map_err(|_| Unreadable),
            _ => Err(Unreadable),
        }
    }
}
