use std::{cell::Cell, error::Error};

use serde_json::Value as Json;
use tokio_postgres::types::{FromSql, Type};
use vestibule_sql::{Row, Unreadable};

/// A row of PostgreSQL, for the decoders of `vestibule-sql`.
pub(crate) struct PostgresRow<'r> {
    row: &'r tokio_postgres::Row,
    bytes_read: Cell<usize>,
}

/// How many times larger a JSON document is in memory than its text, roughly: `[0,0]` is two values.
const MEMORY_OF_JSON: usize = 8;

/// A cell as it came.
struct Raw<'a> {
    of_type: Type,
    bytes: &'a [u8],
}

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(of_type: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self {
            of_type: of_type.clone(),
            bytes,
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl<'a> Raw<'a> {
    fn read<T: FromSql<'a>>(&self) -> Result<T, Unreadable> {
        T::from_sql(&self.of_type, self.bytes).map_err(|_| Unreadable)
    }
}

impl<'r> PostgresRow<'r> {
    pub(crate) fn new(row: &'r tokio_postgres::Row) -> Self {
        Self {
            row,
            bytes_read: Cell::new(0),
        }
    }

    /// About how much memory the texts and documents take that were read of it.
    pub(crate) fn bytes_read(&self) -> usize {
        self.bytes_read.get()
    }

    fn cell(&self, column: usize) -> Result<Option<Raw<'_>>, Unreadable> {
        self.row.try_get(column).map_err(|_| Unreadable)
    }

    fn has_read(&self, bytes: usize) {
        self.bytes_read
            .update(|before| before.saturating_add(bytes));
    }

    fn read<T>(
        &self,
        column: usize,
        read: impl FnOnce(Raw<'_>) -> Result<T, Unreadable>,
    ) -> Result<Option<T>, Unreadable> {
        self.cell(column)?.map(read).transpose()
    }
}

impl Row for PostgresRow<'_> {
    fn integer(&self, column: usize) -> Result<Option<i64>, Unreadable> {
        self.read(column, |cell| match cell.of_type {
            Type::INT8 => cell.read::<i64>(),
            Type::INT4 => cell.read::<i32>().map(i64::from),
            _ => Err(Unreadable),
        })
    }

    fn double(&self, column: usize) -> Result<Option<f64>, Unreadable> {
        self.read(column, |cell| match cell.of_type {
            Type::FLOAT8 => cell.read::<f64>(),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a double is what the column holds now"
            )]
            Type::INT8 => cell.read::<i64>().map(|integer| integer as f64),
            _ => Err(Unreadable),
        })
    }

    fn boolean(&self, column: usize) -> Result<Option<bool>, Unreadable> {
        self.read(column, |cell| match cell.of_type {
            Type::BOOL => cell.read::<bool>(),
            _ => Err(Unreadable),
        })
    }

    fn text(&self, column: usize) -> Result<Option<&str>, Unreadable> {
        let Some(cell) = self.cell(column)? else {
            return Ok(None);
        };
        if cell.of_type != Type::TEXT {
            return Err(Unreadable);
        }
        self.has_read(cell.bytes.len());
        str::from_utf8(cell.bytes).map(Some).map_err(|_| Unreadable)
    }

    fn bytes(&self, column: usize) -> Result<Option<&[u8]>, Unreadable> {
        match self.cell(column)? {
            None => Ok(None),
            Some(cell) if cell.of_type == Type::BYTEA => Ok(Some(cell.bytes)),
            Some(_) => Err(Unreadable),
        }
    }

    fn json(&self, column: usize) -> Result<Option<Json>, Unreadable> {
        self.read(column, |cell| {
            if cell.of_type != Type::TEXT {
                return Err(Unreadable);
            }
            self.has_read(cell.bytes.len().saturating_mul(MEMORY_OF_JSON));
            serde_json::from_slice(cell.bytes).map_err(|_| Unreadable)
        })
    }
}
