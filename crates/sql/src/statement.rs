use sea_query::{
    DeleteStatement, DynIden, Expr, InsertStatement, QueryBuilder, SelectStatement,
    UpdateStatement, Values,
};
use vestibule_model::{ObjectId, Selector};
use vestibule_storage::Precondition;

/// One statement and what its result means.
#[derive(Clone, Debug)]
pub struct Step {
    /// What to run.
    pub statement: Statement,
    /// What to make of the result.
    pub then: Then,
}

impl Step {
    /// A step from any kind of statement.
    pub fn new(statement: impl Into<Statement>, then: Then) -> Self {
        Self {
            statement: statement.into(),
            then,
        }
    }
}

/// What an engine makes of the result of a [`Step`].
///
/// A precondition in here is the one to name in
/// [`StorageError::Refused`](vestibule_storage::StorageError::Refused) if the result is not as it
/// should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing: any number of rows is right.
    GoOn,
    /// The statement changes rows: it must have changed exactly one.
    ChangesOne(Precondition),
    /// The statement answers rows: there must be at least one.
    FindsRow(Precondition),
    /// The statement answers rows: there must be none.
    FindsNone(Precondition),
    /// The statement answers selectors: they must be these, in this order. An engine with several
    /// writers keeps the others from adding to them until the step has ended.
    FindsExactly(Precondition, Vec<Selector>),
    /// The statement answers selectors: add them, in ascending order, to
    /// [`Applied::ended`](vestibule_storage::Applied::ended).
    CollectsEnded,
    /// The statement makes the row with this id; of use to name the constraint it breaks.
    Inserts(ObjectId),
    /// The row that a foreign key of the statement refers to must be there.
    RefersTo(Precondition),
}

/// A query tree of any kind, for the engine to render in its own dialect.
#[derive(Clone, Debug)]
pub enum Statement {
    /// Answers rows.
    Select(SelectStatement),
    /// Makes rows.
    Insert(InsertStatement),
    /// Changes rows.
    Update(UpdateStatement),
    /// Removes rows.
    Delete(DeleteStatement),
}

impl Statement {
    /// The text of the statement in the dialect of `builder`, and the values to bind.
    pub fn build(&self, builder: impl QueryBuilder) -> (String, Values) {
        match self {
            Self::Select(statement) => statement.build(builder),
            Self::Insert(statement) => statement.build(builder),
            Self::Update(statement) => statement.build(builder),
            Self::Delete(statement) => statement.build(builder),
        }
    }
}

impl From<SelectStatement> for Statement {
    fn from(statement: SelectStatement) -> Self {
        Self::Select(statement)
    }
}

impl From<InsertStatement> for Statement {
    fn from(statement: InsertStatement) -> Self {
        Self::Insert(statement)
    }
}

impl From<UpdateStatement> for Statement {
    fn from(statement: UpdateStatement) -> Self {
        Self::Update(statement)
    }
}

impl From<DeleteStatement> for Statement {
    fn from(statement: DeleteStatement) -> Self {
        Self::Delete(statement)
    }
}

/// A statement that makes one row of these columns and values.
pub(crate) fn insert_into(
    table: &'static str,
    cells: impl IntoIterator<Item = (DynIden, Expr)>,
) -> InsertStatement {
    let (columns, values): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
    let mut insert = InsertStatement::new();
    insert
        .into_table(table)
        .columns(columns)
        // It panics when there are not as many values as columns, and these came in pairs.
        .values_panic(values);
    insert
}
