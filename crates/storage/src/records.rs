use async_trait::async_trait;
use vestibule_model::{ColumnType, ObjectId, Record, Row};

use crate::{Condition, Operand, StorageError, Visibility};

/// Reads of records of any table, `Users` among them.
///
/// # What every engine must mean by it
///
/// - **Order.** Null comes before every value when ascending, after every value when descending.
///   Texts are ordered byte by byte. Rows that are equal in what was asked to sort by are ordered
///   by descending `objectId`, and so are rows that nobody asked to sort: a page is stable.
/// - **Averages** have a fraction even of whole numbers. **Sums** of whole numbers are whole; one
///   beyond 64 bits is [`StorageError::OutOfRange`].
/// - **`distinct` and grouping** take nulls for equal.
#[async_trait]
pub trait Records {
    /// A page of rows.
    ///
    /// # Errors
    /// [`StorageError::UnknownTable`] and [`StorageError::UnknownColumn`] when the catalogue has
    /// changed since the query was checked; fails when the database does not answer.
    async fn find(&self, query: &FindQuery) -> Result<Vec<Row>, StorageError>;

    /// How many rows a find would answer if its page were large enough.
    ///
    /// # Errors
    /// As [`find`](Records::find).
    async fn count(&self, query: &CountQuery) -> Result<u64, StorageError>;

    /// The related records of many records at once, by parent: a page for each, in one statement.
    /// Parents without related records are not in the answer; those that are come in no order, their
    /// records in the order asked for.
    ///
    /// # Errors
    /// As [`find`](Records::find).
    async fn related(
        &self,
        query: &RelatedQuery,
    ) -> Result<Vec<(ObjectId, Vec<Record>)>, StorageError>;
}

/// A find that was checked against the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct FindQuery {
    /// Where.
    pub table: String,
    /// What of each row.
    pub select: Select,
    /// Which rows.
    pub condition: Option<Condition>,
    /// By what to group; empty if not at all.
    pub group_by: Vec<Operand>,
    /// Which groups.
    pub having: Option<Condition>,
    /// In which order; descending ids decide between equals, unless rows are computed.
    pub sort: Vec<Sort>,
    /// How many to leave out first.
    pub offset: u64,
    /// How many at most.
    pub limit: u64,
    /// What the caller may see, of this table and of every other that a condition touches.
    pub visibility: Visibility,
}

/// What of each row.
#[derive(Clone, Debug, PartialEq)]
pub enum Select {
    /// Records, with every column that may be read.
    WholeRecords,
    /// Records: the `objectId`, and these.
    Records(Vec<Output>),
    /// Computed rows: these and nothing else.
    Computed {
        /// What.
        outputs: Vec<Output>,
        /// Whether equal rows are answered once.
        distinct: bool,
    },
}

/// One value of each row, and what it is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The name in the answer.
    pub name: String,
    /// What it is.
    pub operand: Operand,
    /// What type of value comes out.
    pub column_type: ColumnType,
}

/// One thing to sort by.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// What.
    pub operand: Operand,
    /// Greatest first.
    pub descending: bool,
}

/// A count that was checked against the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct CountQuery {
    /// Where.
    pub table: String,
    /// Which rows.
    pub condition: Option<Condition>,
    /// What to count the different combinations of, nulls included; the rows themselves if it is
    /// empty.
    pub distinct: Vec<Operand>,
    /// What the caller may see.
    pub visibility: Visibility,
}

/// A load of related records that was checked against the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct RelatedQuery {
    /// The table of the parents.
    pub table: String,
    /// The relation of that table.
    pub relation: String,
    /// The parents; whether they may be seen is the caller's business.
    pub parents: Vec<ObjectId>,
    /// What of each related record, beside the `objectId`.
    pub outputs: Vec<Output>,
    /// Which related records.
    pub condition: Option<Condition>,
    /// In which order; then by descending `created`, then by descending id.
    pub sort: Vec<Sort>,
    /// How many to leave out first, of each parent.
    pub offset: u64,
    /// How many at most, of each parent.
    pub limit: u64,
    /// What the caller may see of the related table, and of every other that the condition touches.
    pub visibility: Visibility,
}
