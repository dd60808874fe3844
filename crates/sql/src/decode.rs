//! From cells to the types of the model; what cannot be there becomes [`StorageError::Corrupt`].

use vestibule_model::{ActivityTime, ObjectId, Selector, Timestamp, UserStatus, VerifierHash};
use vestibule_storage::StorageError;

use crate::{Row, Unreadable};

/// The cells of one row, read from left to right: the order of a decoder's calls is the order of
/// the columns in its select.
pub(crate) struct Cells<'r> {
    row: &'r dyn Row,
    table: &'r str,
    /// What the row is called in an error, as soon as that is known.
    key: String,
    next: usize,
}

impl<'r> Cells<'r> {
    pub(crate) fn new(row: &'r dyn Row, table: &'r str) -> Self {
        Self {
            row,
            table,
            key: "unknown".to_owned(),
            next: 0,
        }
    }

    /// Names the row in the errors of the cells that follow.
    pub(crate) fn of_row(&mut self, key: impl Into<String>) {
        self.key = key.into();
    }

    /// Names the table in the errors of the cells that follow.
    pub(crate) fn of_table(&mut self, table: &'r str) {
        self.table = table;
    }

    /// The next cell, as `read` sees it.
    pub(crate) fn cell<T>(
        &mut self,
        column: &str,
        read: impl FnOnce(&'r dyn Row, usize) -> Result<T, Unreadable>,
    ) -> Result<T, StorageError> {
        let at = self.next;
        self.next += 1;
        read(self.row, at).map_err(|Unreadable| self.corrupt(column))
    }

    pub(crate) fn integer(&mut self, column: &str) -> Result<i64, StorageError> {
        let integer = self.cell(column, |row, at| row.integer(at))?;
        integer.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn boolean(&mut self, column: &str) -> Result<bool, StorageError> {
        let boolean = self.cell(column, |row, at| row.boolean(at))?;
        boolean.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn text(&mut self, column: &str) -> Result<&'r str, StorageError> {
        let text = self.maybe_text(column)?;
        text.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn maybe_text(&mut self, column: &str) -> Result<Option<&'r str>, StorageError> {
        self.cell(column, |row, at| row.text(at))
    }

    /// A count of things: a whole number that is neither negative nor beyond 32 bits.
    pub(crate) fn count(&mut self, column: &str) -> Result<u32, StorageError> {
        let integer = self.integer(column)?;
        u32::try_from(integer).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn timestamp(&mut self, column: &str) -> Result<Timestamp, StorageError> {
        self.integer(column).map(Timestamp::from_millis)
    }

    pub(crate) fn maybe_timestamp(
        &mut self,
        column: &str,
    ) -> Result<Option<Timestamp>, StorageError> {
        let integer = self.cell(column, |row, at| row.integer(at))?;
        Ok(integer.map(Timestamp::from_millis))
    }

    pub(crate) fn activity_time(&mut self, column: &str) -> Result<ActivityTime, StorageError> {
        self.integer(column).map(ActivityTime::from_millis)
    }

    pub(crate) fn object_id(&mut self, column: &str) -> Result<ObjectId, StorageError> {
        let text = self.text(column)?;
        ObjectId::parse(text).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn maybe_object_id(
        &mut self,
        column: &str,
    ) -> Result<Option<ObjectId>, StorageError> {
        let text = self.maybe_text(column)?;
        text.map(ObjectId::parse)
            .transpose()
            .map_err(|_| self.corrupt(column))
    }

    pub(crate) fn user_status(&mut self, column: &str) -> Result<UserStatus, StorageError> {
        self.text(column)?.parse().map_err(|_| self.corrupt(column))
    }

    pub(crate) fn selector(&mut self, column: &str) -> Result<Selector, StorageError> {
        self.exactly(column).map(Selector::from_bytes)
    }

    pub(crate) fn verifier_hash(&mut self, column: &str) -> Result<VerifierHash, StorageError> {
        self.exactly(column).map(VerifierHash::from_bytes)
    }

    /// Bytes of the one length that is right.
    pub(crate) fn exactly<const N: usize>(
        &mut self,
        column: &str,
    ) -> Result<[u8; N], StorageError> {
        let bytes = self.cell(column, |row, at| row.bytes(at))?;
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn corrupt(&self, column: &str) -> StorageError {
        StorageError::Corrupt {
            table: self.table.to_owned(),
            column: column.to_owned(),
            row: self.key.clone(),
        }
    }
}
