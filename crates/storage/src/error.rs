use std::sync::Arc;

use vestibule_model::{ColumnType, ObjectId};

use crate::Precondition;

/// Why the storage did not do what it was asked; the variants are what a caller may act on.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// A change would have broken a constraint of the schema.
    #[error("the constraint {constraint:?} would be broken")]
    Conflict {
        /// Which one.
        constraint: Constraint,
    },
    /// A precondition did not hold, so nothing was changed.
    #[error("the precondition {precondition:?} does not hold")]
    Refused {
        /// Which one.
        precondition: Precondition,
    },
    /// There is no such table: a mistake of the caller, or somebody has just removed it. Nothing was
    /// changed.
    #[error("there is no table {table}")]
    UnknownTable {
        /// The table that was asked for.
        table: String,
    },
    /// The schema changed between the making of a statement and its turn; nothing was changed. Trying
    /// again helps.
    #[error("the schema changed meanwhile")]
    SchemaChanged,
    /// A property for which the table has no column: a mistake of the caller. Nothing was changed.
    #[error("table {table} has no column {column}")]
    UnknownColumn {
        /// The table.
        table: String,
        /// The column that was asked for.
        column: String,
    },
    /// A value that its column cannot hold: a mistake of the caller. Nothing was changed.
    #[error("column {column} of table {table} holds values of type {}", column_type.as_str())]
    WrongType {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What it holds.
        column_type: ColumnType,
    },
    /// A queue is full, of writes or of reads. Trying again in a moment may help.
    #[error("the queue of the database is full")]
    Busy,
    /// The read would have been too much work, or would have answered too much, and was broken off. Trying again does not help; a
    /// narrower condition does, or an index on a column that is compared.
    #[error("the read is too much work; narrow the condition, or index a column of it")]
    TooExpensive,
    /// A calculation came out beyond 64 bits, or a pattern or a text is longer than the database can
    /// compute with: a mistake of the caller. Nothing was changed.
    #[error("a value is beyond what the database can compute with")]
    OutOfRange,
    /// The database does not answer, is closed, or cannot write (a full disk).
    #[error("the database is unavailable")]
    Unavailable {
        /// What it said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A row holds something that cannot be there.
    #[error("column {column} of table {table} holds an impossible value (row {row})")]
    Corrupt {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The row, as far as it can be named.
        row: String,
    },
}

impl StorageError {
    /// The database does not answer, and this is what it said.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable {
            source: Arc::from(source.into()),
        }
    }
}

/// A constraint of the schema that a change can break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Another user has this identity.
    Identity,
    /// A row with this id exists already.
    ObjectId(ObjectId),
    /// There is a table whose name differs in case at most.
    TableName(String),
    /// The table has a column or a relation whose name differs in case at most.
    ColumnName {
        /// The table.
        table: String,
        /// The column or relation.
        column: String,
    },
    /// There is a role whose name differs in the case of ASCII letters at most.
    RoleName(String),
    /// A relation to one record would lead to two.
    OneToOne {
        /// The table of the parent.
        table: String,
        /// The relation.
        relation: String,
    },
    /// Another row has this value in a unique column.
    Unique {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
}
